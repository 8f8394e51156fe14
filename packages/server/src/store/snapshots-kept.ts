// Statements about which snapshots and blobs are still needed, and about those that are given up.
import type { Database } from "./database.ts";

/** By when a snapshot must have been out of use to be given up; epoch milliseconds. */
export interface UnusedSince {
  /** No job that names it has ended at or after this time; `null`: whatever a job names is kept. */
  readonly endedBefore: number | null;
  /** Nobody has sent it at or after this time. */
  readonly acceptedBefore: number;
}

const IS_UNUSED = `s.removed_at IS NULL AND coalesce(s.accepted_at, s.created_at) < $acceptedBefore
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE snapshot = s.id AND ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE snapshot = s.id AND ended_at >= $endedBefore)
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE snapshot = s.id AND pinned_at IS NOT NULL)`;

const bindings = ({ endedBefore, acceptedBefore }: UnusedSince) => ({
  // No job has ended before the beginning of time, so every job keeps its snapshot.
  endedBefore: endedBefore ?? Number.MIN_SAFE_INTEGER,
  acceptedBefore,
});

/** A snapshot whose list of files is kept. */
export interface KeptSnapshot {
  readonly id: string;
  /** Sum of its files, whoever else has them too. */
  readonly size_bytes: number;
}

/** Snapshots out of use, after an id, in the order of their ids. */
export function unusedSnapshots(
  db: Database,
  since: UnusedSince,
  page: { readonly after: string; readonly limit: number },
): KeptSnapshot[] {
  return db.all<KeptSnapshot>(
    `SELECT s.id, s.size_bytes FROM snapshots AS s INDEXED BY snapshots_kept
     WHERE ${IS_UNUSED} AND s.id > $after ORDER BY s.id LIMIT $limit`,
    { ...bindings(since), ...page },
  );
}

/** Snapshots out of use, those first whose last job ended longest ago. */
export function longestUnusedSnapshots(
  db: Database,
  since: UnusedSince,
  limit: number,
): KeptSnapshot[] {
  return db.all<KeptSnapshot>(
    `SELECT s.id, s.size_bytes FROM snapshots AS s INDEXED BY snapshots_kept WHERE ${IS_UNUSED}
     ORDER BY (SELECT max(ended_at) FROM jobs WHERE snapshot = s.id), s.id LIMIT $limit`,
    { ...bindings(since), limit },
  );
}

/**
 * Gives a snapshot up: from now on nobody has sent it. False when it is in use after all, or was given up before.
 */
export function giveUpSnapshot(
  db: Database,
  id: string,
  { since, at }: { readonly since: UnusedSince; readonly at: number },
): boolean {
  const { changes } = db.run(
    `UPDATE snapshots AS s SET removed_at = $at WHERE s.id = $id AND ${IS_UNUSED}`,
    { ...bindings(since), id, at },
  );
  if (changes === 0) return false;
  db.run(
    `DELETE FROM snapshot_holders WHERE user_id IN (SELECT id FROM users) AND snapshot = $id`,
    { id },
  );
  return true;
}

/** Ids of the snapshots that are kept, after an id, in their order. */
export function keptSnapshots(db: Database, after: string, limit: number): string[] {
  return db
    .all<{ id: string }>(
      "SELECT id FROM snapshots WHERE removed_at IS NULL AND id > $after ORDER BY id LIMIT $limit",
      { after, limit },
    )
    .map(({ id }) => id);
}

/** Of these snapshots, those that are kept. */
export function keptAmong(db: Database, ids: readonly string[]): ReadonlySet<string> {
  const rows = db.all<{ id: string }>(
    "SELECT id FROM snapshots WHERE removed_at IS NULL AND id IN (SELECT value FROM json_each($ids))",
    { ids: JSON.stringify(ids) },
  );
  return new Set(rows.map(({ id }) => id));
}

/** When the snapshot was removed; `null` when it is kept or was never there. */
export function snapshotRemovedAt(db: Database, id: string): number | null {
  return (
    db.get<{ at: number | null }>("SELECT removed_at AS at FROM snapshots WHERE id = $id", { id })
      ?.at ?? null
  );
}

/** From now on nobody has sent these blobs. */
export function forgetBlobs(db: Database, hashes: readonly string[]): void {
  // Along the primary key, user by user: the table may have millions of rows and no index by hash.
  db.run(
    `DELETE FROM blob_holders WHERE user_id IN (SELECT id FROM users)
     AND hash IN (SELECT value FROM json_each($hashes))`,
    { hashes: JSON.stringify(hashes) },
  );
}
