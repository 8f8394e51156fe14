// What of a file's size and time can be told in numbers that every reader takes.

type Numbers = Record<"size" | "mtimeMs", bigint | number>;

/** Whether a file is larger than can be told: 10^15 bytes and more, which on some file systems costs nothing to claim. */
export function isTooLarge({ size }: Pick<Numbers, "size">): boolean {
  return size > LARGEST_BYTES;
}

/** When a file was last changed: epoch milliseconds from 1970 to the end of the year 9999, whatever a job has set. */
export function modifiedAt({ mtimeMs }: Pick<Numbers, "mtimeMs">): number {
  return Math.min(LATEST_MS, Math.max(0, Math.floor(Number(mtimeMs))));
}

/** Ranges and headers have up to 15 digits. */
const LARGEST_BYTES = 999_999_999_999_999;

/** The last that a date in a header (RFC 9110, 5.6.7) can say. */
const LATEST_MS = 253_402_300_799_999;
