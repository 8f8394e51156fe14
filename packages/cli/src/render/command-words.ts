// A job's command as one would type it.
import type { Command } from "@fetchml/protocol";

/** The command in one line, words quoted for a POSIX shell where they need it. */
export function commandWords(command: Command): string {
  if ("argv" in command) return command.argv.map(quotedWord).join(" ");
  return [command.shell, ...command.args.map(quotedWord)].join(" ");
}

/** A word as a POSIX shell reads it back. */
export function quotedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
