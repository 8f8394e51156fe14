// Hides the values of secrets in bytes that are shown, without moving anything: each becomes as many asterisks.

/**
 * Shorter values are not hidden: they stand in a log by chance, and hiding each `1` of it would give them away rather than keep
 * them.
 */
export const SHORTEST_MASKED_BYTES = 6;

/** Hides a fixed set of values. */
export interface Mask {
  /** How far before and after a piece one has to read so that no value that crosses its border is missed. */
  readonly reachBytes: number;
  /** A copy with every value hidden; the bytes themselves where there is none. */
  hide(bytes: Buffer): Buffer;
  /**
   * How many bytes at the end may be the beginning of a value: not to be shown while more may follow.
   */
  unfinished(bytes: Buffer): number;
}

/** A mask for these values. Of a value of several lines each line is hidden by itself too, as programs print them. */
export function createMask(values: readonly string[]): Mask {
  const needles = [...new Set(values.flatMap((value) => [value, ...value.split(/\r?\n/)]))]
    .map((value) => Buffer.from(value))
    .filter((needle) => needle.length >= SHORTEST_MASKED_BYTES);
  const longest = needles.reduce((most, needle) => Math.max(most, needle.length), 0);
  return {
    reachBytes: Math.max(0, longest - 1),
    hide: (bytes) => hide(bytes, needles),
    unfinished: (bytes) =>
      needles.reduce((most, needle) => Math.max(most, unfinishedOf(bytes, needle)), 0),
  };
}

function hide(bytes: Buffer, needles: readonly Buffer[]): Buffer {
  let shown = bytes;
  for (const needle of needles) {
    // Looked for in what was there at first: where two values overlap, both are hidden.
    for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
      if (shown === bytes) shown = Buffer.from(bytes);
      shown.fill(ASTERISK, at, at + needle.length);
    }
  }
  return shown;
}

const ASTERISK = 0x2a;

function unfinishedOf(bytes: Buffer, needle: Buffer): number {
  const first = needle[0] ?? 0;
  const from = Math.max(0, bytes.length - needle.length + 1);
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    const length = bytes.length - at;
    if (bytes.compare(needle, 0, length, at) === 0) return length;
  }
  return 0;
}
