// Counts what the attempts of a job have left, and gives the first entries.
import type { AttemptOutputs, OutputEntry } from "@fetchml/protocol";
import { findOutputFolder, type OutputFolder } from "../outputs/output-folder.ts";
import { mostLooks, walkOutputs, type LooksLeft } from "../outputs/walk-outputs.ts";
import type { JobTrees } from "./output-access.ts";

/**
 * Counts what there is, and gives at most `limit` entries in all. Newest attempt first; those that have ended and left
 * nothing are not named.
 */
export async function countOutputs(
  { attempts, trees }: JobTrees,
  limit: number,
): Promise<AttemptOutputs[]> {
  const counted: AttemptOutputs[] = [];
  let entriesLeft = limit;
  const looks = { ...mostLooks(), names: MOST_COUNTED };
  for (const { attempt, path, aliases } of trees.toReversed()) {
    if (attempt === null) continue;
    const ended = attempts.find((one) => one.attempt === attempt)?.ended ?? true;
    const count = await countFolder(findOutputFolder(path, aliases), looks, entriesLeft);
    if (ended && count.seen === 0 && count.complete) continue;
    const { file_count, size_bytes, complete, entries } = count;
    counted.push({ attempt, ended, file_count, size_bytes, complete, entries });
    entriesLeft -= entries.length;
  }
  return counted;
}

/** So many names of one job are looked at to count them; half a second's work. */
const MOST_COUNTED = 100_000;

async function countFolder(folder: OutputFolder | null, looks: LooksLeft, entriesLeft: number) {
  const count = {
    seen: 0,
    file_count: 0,
    size_bytes: 0,
    complete: true,
    entries: new Array<OutputEntry>(),
  };
  if (folder === null) return count;
  const walk = walkOutputs(folder, looks);
  for (;;) {
    const step = await walk.next();
    if (step.done === true) return { ...count, complete: step.value };
    count.seen += step.value.length;
    for (const entry of step.value) {
      if (count.entries.length < entriesLeft) count.entries.push(entry);
      if (entry.kind !== "file") continue;
      count.file_count += 1;
      count.size_bytes = Math.min(count.size_bytes + entry.size_bytes, Number.MAX_SAFE_INTEGER);
    }
  }
}
