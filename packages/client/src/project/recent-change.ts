// Tells whether a write to a file may still be going on though its times do not show it.
import type { FileStamp } from "./file-stamp.ts";

/**
 * Whether the last change is so young that the write it belongs to may not be over; false for nearly all files. A file's times are
 * set when a write begins. Times ahead of the clock tell nothing.
 *
 * @param now epoch milliseconds
 */
export function isRecent({ ctimeMs }: FileStamp, now: number): boolean {
  return Math.abs(now - ctimeMs) < RECENT_MS;
}

/** Two ticks of the slowest clock of Linux, by which files get their times. */
const RECENT_MS = 20;
