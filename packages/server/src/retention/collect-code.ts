// Gives up snapshots that no job needs any more, and lists of files that nobody knows.
import { lstatSync } from "node:fs";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import { storedFiles } from "../snapshots/stored-files.ts";
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
 * Gives up every snapshot that was not sent since a time, that no unfinished or pinned job names, and whose last job
 * ended longer ago than code is kept. Its files go where no other snapshot names them: see `collect-blobs.ts`.
 *
 * @param sentBefore epoch milliseconds
 */
export async function collectCode(
  ctx: RetentionContext,
  pass: Pass,
  sentBefore: number,
): Promise<void> {
  const keepMs = ctx.rules.keepMs.code;
  const since: UnusedSince = {
    endedBefore: keepMs === null ? null : pass.now - keepMs,
    acceptedBefore: sentBefore,
  };
  for await (const snapshots of unusedInGroups(ctx, since)) {
    await giveUpCode(ctx, pass, { since, snapshots });
  }
  for await (const snapshots of unusedInGroups(ctx, { ...since, acceptedBefore: Infinity })) {
    for (const { id, size_bytes } of snapshots) {
      if (!pass.givenUp.has(id)) pass.tally.keep("code", { count: 1, bytes: size_bytes });
    }
  }
  await collectUnknownManifests(ctx, pass, sentBefore);
}

async function* unusedInGroups(
  { db }: RetentionContext,
  since: UnusedSince,
): AsyncGenerator<readonly KeptSnapshot[], void, undefined> {
  for (let after = ""; ;) {
    const page = { after, limit: SNAPSHOTS_A_TURN };
    const snapshots = await db.read(() => unusedSnapshots(db, since, page));
    const last = snapshots.at(-1);
    if (last === undefined) return;
    after = last.id;
    yield snapshots;
  }
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
    ? snapshots.filter(({ id }) => !inUse.has(id) && !givenUp.has(id))
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
async function collectUnknownManifests(
  ctx: RetentionContext,
  pass: Pass,
  before: number,
): Promise<void> {
  const { db, inUse, trash } = ctx;
  const { manifests } = snapshotFolder(ctx.snapshots);
  for await (const unused of storedFiles(manifests, (hash) => !inUse.has(hash))) {
    pass.signal.throwIfAborted();
    const group = unused.filter(({ storedAt }) => storedAt < before);
    if (group.length === 0) continue;
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
