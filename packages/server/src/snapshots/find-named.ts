// Finds out which of some blobs the newest of some snapshots hold.
import { HashSet } from "./hash-set.ts";
import { addNamedBlobs } from "./named-blobs.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/** Of these blobs, those that one of the snapshots names. Reads their lists of files one after the other until all are found. */
export async function findNamed(
  hashes: ReadonlySet<string>,
  { snapshots, folder }: { readonly snapshots: readonly string[]; readonly folder: SnapshotFolder },
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const snapshot of snapshots) {
    if (found.size === hashes.size) break;
    const named = new HashSet();
    await addNamedBlobs(snapshot, { folder, into: named });
    for (const hash of hashes) if (named.has(hash)) found.add(hash);
  }
  return found;
}
