// Finds the command that was typed and reads its options.
import { parseArgs } from "node:util";
import { FetchmlError } from "@fetchml/protocol";
import { adminCommands, COMMON_OPTIONS, type AdminCommand } from "./command-table.ts";
import type { Invocation } from "./invocation.ts";

/** What was typed: a command with its options, or a wish for help about one or all. */
export type CommandLine =
  | { readonly kind: "run"; readonly command: AdminCommand; readonly invocation: Invocation }
  | { readonly kind: "help"; readonly about: AdminCommand | null }
  | { readonly kind: "version" };

/**
 * Reads a command line, without the program's own name.
 * @throws FetchmlError usage
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  if (argv.length === 0 || argv[0] === "--help" || argv[0] === "-h")
    return { kind: "help", about: null };
  if (argv[0] === "--version") return { kind: "version" };
  const words = argv[0] === "help" ? argv.slice(1) : argv;
  if (words.length === 0) return { kind: "help", about: null };
  const command = findCommand(words);
  if (argv[0] === "help") return { kind: "help", about: command };
  const { values, positionals } = parse(command, words.slice(command.name.split(" ").length));
  if (values["help"] === true) return { kind: "help", about: command };
  const { min, max } = command.positionals;
  if (positionals.length < min || positionals.length > max) {
    const extra = positionals[max];
    const what =
      extra === undefined ? "something is missing" : `${JSON.stringify(extra)} is too much`;
    throw wrongUsage(command, what);
  }
  return { kind: "run", command, invocation: { flags: values, positionals } };
}

/** The error for a command that was typed wrong; its message shows the right form. */
export function wrongUsage(
  command: Pick<AdminCommand, "name" | "usage" | "example">,
  what: string,
): FetchmlError {
  return new FetchmlError(
    "usage",
    `fetchml ${command.name}: ${what}.\nUsage: fetchml ${command.name} ${command.usage}\nExample: ${command.example}`,
  );
}

function findCommand(words: readonly string[]): AdminCommand {
  const two = words.slice(0, 2).join(" ");
  const command = adminCommands.find(({ name }) => name === words[0] || name === two);
  if (command !== undefined) return command;
  const family = adminCommands
    .filter(({ name }) => name.startsWith(`${words[0]} `))
    .map(({ name }) => name);
  const known =
    family.length > 0
      ? family
      : [...new Set(adminCommands.map(({ name }) => name.split(" ")[0] ?? name))];
  throw new FetchmlError(
    "usage",
    `fetchml has no command ${JSON.stringify(family.length > 0 ? two : words[0])}. There are: ${known.join(", ")}.\nTry "fetchml --help".`,
  );
}

function parse(
  command: AdminCommand,
  args: readonly string[],
): { values: Invocation["flags"]; positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...command.options, ...COMMON_OPTIONS },
      allowPositionals: true,
      strict: true,
    });
    return { values, positionals };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? "") : "bad options";
    throw wrongUsage(command, reason);
  }
}
