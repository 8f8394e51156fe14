// Counts what the attempts of a job have left, and gives the first entries.
import type { AttemptOutputs, OutputEntry } from "@fetchml/protocol";
import { findOutputFolder } from "../outputs/output-folder.ts";
import { walkOutputs } from "../outputs/walk-outputs.ts";
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
  let looksLeft = MOST_COUNTED;
  for (const { attempt, path } of trees.toReversed()) {
    if (attempt === null) continue;
    const ended = attempts.find((one) => one.attempt === attempt)?.ended ?? true;
    const count = await countFolder(path, { mostEntries: looksLeft, entriesLeft });
    if (ended && count.seen === 0 && count.complete) continue;
    const { file_count, size_bytes, complete, entries } = count;
    counted.push({ attempt, ended, file_count, size_bytes, complete, entries });
    entriesLeft -= entries.length;
    looksLeft -= count.seen;
  }
  return counted;
}

/** So many entries of one job are looked at to count them; half a second's work. */
const MOST_COUNTED = 100_000;

async function countFolder(
  path: string,
  limits: { readonly mostEntries: number; readonly entriesLeft: number },
) {
  const count = {
    seen: 0,
    file_count: 0,
    size_bytes: 0,
    complete: true,
    entries: new Array<OutputEntry>(),
  };
  const folder = findOutputFolder(path);
  if (folder === null) return count;
  const walk = walkOutputs(folder, limits.mostEntries);
  for (;;) {
    const step = await walk.next();
    if (step.done === true) return { ...count, complete: step.value };
    count.seen += step.value.length;
    for (const entry of step.value) {
      if (count.entries.length < limits.entriesLeft) count.entries.push(entry);
      if (entry.kind !== "file") continue;
      count.file_count += 1;
      count.size_bytes += entry.size_bytes;
    }
  }
}
