// Finds where the last lines of a log begin, reading it from its end.
import { cutOf } from "./log-cut.ts";
import { openLog, readAt } from "./read-log.ts";
import { continuationBytes } from "./utf8-tail.ts";

const BLOCK_BYTES = 65_536;

/** How far back lines are looked for: a single line of 100 MB is not read whole. */
export const TAIL_LIMIT_BYTES = 16 * 1_048_576;

const NEWLINE = 0x0a;

/**
 * The offset from which the last `count` lines follow; a last line without its end counts as a line. 0 when there are no more
 * lines than that, and for a missing log; the log's length when `count` is 0. Where the lines reach further back than
 * {@link TAIL_LIMIT_BYTES}, an offset about that far from the end, at the beginning of a character; where they reach back to a cut, where that
 * begins. Holds one block at a time.
 */
export async function offsetOfLastLines(path: string, count: number): Promise<number> {
  const log = await openLog(path);
  if (log === null) return 0;
  try {
    const { size } = await log.stat();
    if (count <= 0) return size;
    const cut = await cutOf(path);
    const limit = Math.max(cut?.to ?? 0, size - TAIL_LIMIT_BYTES);
    // The newline that ends the log begins no further line.
    let toFind = count;
    let end = Math.max(0, size - 1);
    while (end > limit) {
      const start = Math.max(limit, end - BLOCK_BYTES);
      const block = await readAt(log, start, end - start);
      const newline = findFromEnd(block, toFind);
      if (newline.at >= 0) return start + newline.at + 1;
      toFind -= newline.passed;
      end = start;
    }
    // Where the lines reach back to the cut, it is told of.
    if (cut !== null && limit === cut.to) return cut.from;
    return limit === 0 ? 0 : limit + continuationBytes(await readAt(log, limit, 4));
  } finally {
    await log.close();
  }
}

/** The place of the newline that is `count`-th from the end, else -1 and how many there are. */
function findFromEnd(block: Buffer, count: number): { at: number; passed: number } {
  let at = block.length;
  for (let passed = 0; passed < count; passed += 1) {
    // A negative place would count from the block's end.
    at = at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1);
    if (at < 0) return { at, passed };
  }
  return { at, passed: count };
}
