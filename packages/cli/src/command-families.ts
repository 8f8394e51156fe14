// Commands of two words: `key list` and `key rotate` are the family `key`.
import type { Command } from "./command.ts";

/** The commands whose first word of two this is; none for any other word. */
export function familyOf<C extends Pick<Command, "name">>(
  word: string,
  commands: readonly C[],
): readonly C[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
}

/** A word that may follow the program's name, and what it does. */
export interface FirstWord {
  readonly word: string;
  readonly summary: string;
  /** The words that may follow it; none where it is a whole command. */
  readonly seconds: readonly string[];
}

/** Every word that may follow the program's name, aliases left out, in the order of the table. */
export function firstWords(
  commands: readonly Pick<Command, "name" | "summary">[],
): readonly FirstWord[] {
  const words = [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? name))];
  return words.map((word) => {
    const seconds = familyOf(word, commands).map(({ name }) => name.slice(word.length + 1));
    const summary = commands.find(({ name }) => name === word)?.summary ?? `${seconds.join(", ")}.`;
    return { word, summary, seconds };
  });
}
