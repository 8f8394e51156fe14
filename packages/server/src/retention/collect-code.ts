// Gives up snapshots that no job needs any more, and lists of files that nobody knows.
import { lstatSync } from "node:fs";
import { UPLOAD_GRACE_MS } from "../domain/retention-rules.ts";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import { oldFiles } from "../snapshots/stored-files.ts";
import {
  giveUpSnapshot,
  keptAmong,
  unusedSnapshots,
  type KeptSnapshot,
  type UnusedSince,
} from "../store/snapshots-kept.ts";
import type { Pass, RetentionContext } from "./context.ts";

const SNAPSHOTS_A_TURN = 100;

/**
 * Gives up every snapshot that was not sent within the last day, that no unfinished or pinned job names, and whose last job
 * ended longer ago than code is kept. Its files go where no other snapshot names them: see `collect-blobs.ts`.
 */
export async function collectCode(ctx: RetentionContext, pass: Pass): Promise<void> {
  const keepMs = ctx.rules.keepMs.code;
  const since: UnusedSince = {
    endedBefore: keepMs === null ? null : pass.now - keepMs,
    acceptedBefore: pass.now - UPLOAD_GRACE_MS,
  };
  for (let after = ""; ;) {
    const page = { after, limit: SNAPSHOTS_A_TURN };
    const snapshots = await ctx.db.read(() => unusedSnapshots(ctx.db, since, page));
    const last = snapshots.at(-1);
    if (last === undefined) break;
    after = last.id;
    await giveUpCode(ctx, pass, { since, snapshots });
  }
  await collectUnknownManifests(ctx, pass);
}

/**
 * Gives up these snapshots, those that came into use meanwhile excepted: first in the store, so that a submit is told to send
 * the project again, then on the disk. An upload that relies on the file just then keeps it.
 * @throws what the signal was aborted with
 */
export async function giveUpCode(
  ctx: RetentionContext,
  { dryRun, now, signal, tally, givenUp }: Pass,
  {
    since,
    snapshots,
  }: { readonly since: UnusedSince; readonly snapshots: readonly KeptSnapshot[] },
): Promise<void> {
  signal.throwIfAborted();
  const { db, inUse, trash } = ctx;
  const folder = snapshotFolder(ctx.snapshots);
  const given = dryRun
    ? snapshots
    : await db.write(() =>
        snapshots.filter(({ id }) => !inUse.has(id) && giveUpSnapshot(db, id, { since, at: now })),
      );
  for (const { id } of given) {
    givenUp.add(id);
    tally.count("code", 1);
    const path = folder.manifest(id);
    if (dryRun) tally.weigh("code", sizeOf(path));
    else if (!inUse.has(id)) trash.snapshots.take(path, "code");
  }
}

/** What a server that died between store and disk has left. */
async function collectUnknownManifests(ctx: RetentionContext, pass: Pass): Promise<void> {
  const { db, inUse, trash } = ctx;
  const { manifests } = snapshotFolder(ctx.snapshots);
  const before = pass.now - UPLOAD_GRACE_MS;
  for await (const group of oldFiles(manifests, before, (hash) => !inUse.has(hash))) {
    pass.signal.throwIfAborted();
    const kept = await db.read(() =>
      keptAmong(
        db,
        group.map(({ hash }) => hash),
      ),
    );
    for (const { hash, path, bytes } of group) {
      if (kept.has(hash) || inUse.has(hash) || pass.givenUp.has(hash)) continue;
      pass.tally.count("strays", 1);
      if (pass.dryRun) pass.tally.weigh("strays", bytes);
      else trash.snapshots.take(path, "strays");
    }
  }
}

function sizeOf(path: string): number {
  return (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}
