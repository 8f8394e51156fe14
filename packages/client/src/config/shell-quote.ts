// Words as a shell takes them, for commands that a message tells a person to type.

/** The word as it is, or in single quotes where a shell would take it apart. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
