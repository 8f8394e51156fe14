// Removes blobs that no kept snapshot names.
import { lstatSync } from "node:fs";
import { HashSet } from "../snapshots/hash-set.ts";
import { addNamedBlobs } from "../snapshots/named-blobs.ts";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import { storedFiles, type StoredFile } from "../snapshots/stored-files.ts";
import { forgetBlobs, keptSnapshots } from "../store/snapshots-kept.ts";
import type { Pass, RetentionContext } from "./context.ts";

const SNAPSHOTS_A_TURN = 200;

/**
 * Removes blobs that were stored before a time, that no kept snapshot names, and on which no upload relies, as far as that is
 * noted. Those who sent them are asked for them again.
 *
 * @param before epoch milliseconds
 * @throws what the signal was aborted with, and the system's error where a list of files cannot be read: then none is removed
 */
export async function collectBlobs(
  ctx: RetentionContext,
  pass: Pass,
  before: number,
): Promise<void> {
  const { blobs } = snapshotFolder(ctx.snapshots);
  const named = await namedBlobs(ctx, pass);
  const isKept = ({ hash, storedAt }: StoredFile): boolean =>
    storedAt >= before || ctx.inUse.has(hash);
  for await (const unnamed of storedFiles(blobs, (hash) => !named.has(hash))) {
    pass.signal.throwIfAborted();
    for (const file of unnamed) {
      if (isKept(file)) pass.tally.keep("blobs", { count: 1, bytes: file.bytes });
    }
    const group = unnamed.filter((file) => !isKept(file));
    if (pass.dryRun) {
      pass.tally.count("blobs", group.length);
      for (const { bytes } of group) pass.tally.weigh("blobs", bytes);
    } else if (group.length > 0) await removeBlobs(ctx, pass, { group, before });
  }
}

async function namedBlobs({ db, snapshots }: RetentionContext, pass: Pass): Promise<HashSet> {
  const folder = snapshotFolder(snapshots);
  const into = new HashSet();
  for (let after = ""; ;) {
    const ids = await db.read(() => keptSnapshots(db, after, SNAPSHOTS_A_TURN));
    const last = ids.at(-1);
    if (last === undefined) return into;
    after = last;
    for (const id of ids) {
      pass.signal.throwIfAborted();
      if (!pass.givenUp.has(id)) await addNamedBlobs(id, { folder, into });
    }
  }
}

/**
 * Forgets first who sent them, so that an upload that begins now is told to send them. What an upload has begun to rely on, or
 * has stored anew, in the meantime stays: both are looked at in the turn in which the blob is taken.
 */
async function removeBlobs(
  { db, inUse, trash }: RetentionContext,
  { tally }: Pass,
  { group, before }: { readonly group: readonly StoredFile[]; readonly before: number },
): Promise<void> {
  const forgotten = await db.write(() => {
    const unused = group.filter(({ hash }) => !inUse.has(hash));
    forgetBlobs(
      db,
      unused.map(({ hash }) => hash),
    );
    return unused;
  });
  for (const { hash, path } of forgotten) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (inUse.has(hash) || found === undefined || found.mtimeMs >= before) continue;
    if (trash.snapshots.take(path, "blobs")) tally.count("blobs", 1);
  }
}
