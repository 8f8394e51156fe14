// The argument list of a job's command.
import type { Command } from "@fetchml/protocol";

/**
 * What is executed: an array as it is; a string through `sh -c`, its arguments appended as `"$@"`, so that they are never
 * read as shell source.
 */
export function commandArguments(command: Command): readonly string[] {
  if ("argv" in command) return command.argv;
  const { shell, args } = command;
  if (args.length === 0) return ["/bin/sh", "-c", shell];
  return ["/bin/sh", "-c", `${shell} "$@"`, "sh", ...args];
}
