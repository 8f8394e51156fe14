// The cut in a log that grew too large: its middle is gone, and offsets are as they were.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatSize } from "@fetchml/protocol";

/** The bytes that nobody may read any more. Some at either end may still be on disk. */
export interface LogCut {
  /** The first of them. */
  readonly from: number;
  /** The first one after them. It moves on while the log grows. */
  readonly to: number;
}

/**
 * The cut of a log; `null` when there is none. It is written down before anything goes: look after reading, and what was read
 * outside of it was there.
 */
export async function cutOf(logPath: string): Promise<LogCut | null> {
  const text = await readFile(join(dirname(logPath), "cut"), "utf8").catch(() => "");
  const match = /^(\d{1,16}) (\d{1,16})\n$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  return match !== null && from < to ? { from, to } : null;
}

/** What a reader gets who comes to an offset inside the cut: how much is missing from there on. */
export function cutMark({ to }: LogCut, offset: number): Buffer {
  const missing = to - offset;
  return Buffer.from(
    `\nfetchml: ${formatSize(missing)} (${missing} bytes) of the log are left out here, because it grew beyond its limit\n`,
  );
}
