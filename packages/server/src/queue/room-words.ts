// Says what of the disk is short for jobs that wait.
import { formatSize } from "@fetchml/protocol";
import type { DiskView } from "../domain/disk-room.ts";
import type { Roomless } from "./project-room.ts";

/** While nothing starts at all. */
export function roomSentence({ free_bytes, reserve_bytes, files }: DiskView): string {
  if (free_bytes >= reserve_bytes && files !== null) {
    return `The disk has no room for so many files: it can take ${files.free} more, however small, and keeps ${files.reserve} for jobs that run. Nothing starts until there is room.`;
  }
  return `The disk is nearly full: ${formatSize(free_bytes)} are left, and ${formatSize(reserve_bytes)} are kept free for jobs that run. Nothing starts until there is room.`;
}

/** For a job whose project is too large for what there is. */
export function roomlessLines({ need, spare }: Roomless): readonly string[] {
  const isShortOfBytes = need.bytes > spare.bytes;
  const short = isShortOfBytes
    ? `it takes ${formatSize(need.bytes)}, and ${formatSize(Math.max(0, spare.bytes))} are free`
    : `it has ${inWords(need.files)} files, and the disk can take ${inWords(Math.max(0, spare.files))} more`;
  return [
    `The disk has no room for its project: ${short} beside what is kept for jobs that run or start.`,
    "It starts when there is room. Jobs with smaller projects may start before it.",
  ];
}

/** For a job whose room goes to one that starts before it. */
export const ROOM_PROMISED =
  "The disk has no room for its project beside those of the jobs that start before it.";

function inWords(count: number): string {
  return count.toLocaleString("en");
}
