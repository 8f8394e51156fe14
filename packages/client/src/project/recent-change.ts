// Tells how long a write to a file may still be going on though its times do not show it.
import type { FileStamp } from "./file-stamp.ts";

/**
 * Milliseconds until the last change is so old that the write it belongs to is surely over; 0 for nearly all files. A file's times are set
 * when a write begins.
 *
 * @param now epoch milliseconds
 */
export function stillRecentMs({ ctimeMs }: FileStamp, now: number): number {
  return Math.min(RECENT_MS, Math.max(0, Math.ceil(ctimeMs + RECENT_MS - now)));
}

/** Two ticks of the slowest clock of Linux. */
const RECENT_MS = 20;
