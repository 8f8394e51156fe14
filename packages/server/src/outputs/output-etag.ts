// The word by which a file that has changed is told from what it was (RFC 9110, 8.8).
import type { BigIntStats } from "node:fs";

/**
 * The entity tag of a file: its inode, size, and the times of its last changes in nanoseconds. A file that was changed within
 * the last tick of the kernel's clock may be changed again without another time to show for it; its tag is a weak one, by
 * which nothing is resumed.
 *
 * @param now epoch milliseconds, when the stats were read
 */
export function etagOf(
  stats: Pick<BigIntStats, "ino" | "size" | "mtimeNs" | "ctimeNs">,
  now: number,
): string {
  const { ino, size, mtimeNs, ctimeNs } = stats;
  const tag = [ino, size, mtimeNs, ctimeNs].map((part) => part.toString(16)).join("-");
  // By the ctime alone: the other can be set at will.
  const isRecent = Number(ctimeNs / 1_000_000n) + TICK_MS >= now;
  return isRecent ? `W/"${tag}"` : `"${tag}"`;
}

/** Linux ticks every 10 ms or faster, and a file's times lag behind the exact clock by up to a tick. */
const TICK_MS = 50;
