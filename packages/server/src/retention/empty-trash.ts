// Removes for good what a collection has taken.
import type { Pass, RetentionContext } from "./context.ts";

/** Empties the trash of every place and counts what the disk got back. A dry run takes nothing, and leaves it as it is. */
export async function emptyTrash(
  { trash }: RetentionContext,
  { dryRun, signal, tally }: Pass,
): Promise<void> {
  if (dryRun) return;
  for (const [place, bin] of Object.entries(trash)) {
    const { bytes, isEmpty } = await bin.empty(signal);
    for (const [kind, freed] of bytes) tally.weigh(kind, freed);
    if (!isEmpty) tally.complain(`${place}: something in the trash could not be removed`);
  }
}
