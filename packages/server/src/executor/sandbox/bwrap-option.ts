// One option of bwrap with its operands.

/** The words of an option, for a list of several: `...option("--dev", "/dev")`. */
export function option(...words: readonly string[]): readonly string[] {
  return words;
}
