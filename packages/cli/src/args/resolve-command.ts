// Which command a job runs: that of ml.toml, what was typed, or both.
import type { Command } from "@fetchml/protocol";

/**
 * With both, what was typed is appended: to a list as further words, to a string as its positional parameters. `null` with
 * neither: a command is never guessed.
 */
export function resolveCommand(
  fromFile: string | readonly string[] | null,
  typed: readonly string[] | null,
): Command | null {
  const words = typed ?? [];
  if (typeof fromFile === "string") return { shell: fromFile, args: [...words] };
  const argv = [...(fromFile ?? []), ...words];
  return argv.length === 0 ? null : { argv };
}
