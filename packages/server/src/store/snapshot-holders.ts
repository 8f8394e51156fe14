// Statements about which user has sent which snapshot and which blob.
import type { Database } from "./database.ts";

/** Of these hashes, those that the user has sent. */
export function heldBlobs(db: Database, userId: number, hashes: readonly string[]): Set<string> {
  const rows = db.all<{ hash: string }>(
    `SELECT hash FROM blob_holders WHERE user_id = $userId AND hash IN (SELECT value FROM json_each($hashes))`,
    { userId, hashes: JSON.stringify(hashes) },
  );
  return new Set(rows.map((row) => row.hash));
}

/** Of these hashes, those that others have sent, with each of those users. */
export function blobsOfOthers(
  db: Database,
  userId: number,
  hashes: readonly string[],
): { readonly user_id: number; readonly hash: string }[] {
  // Along the primary key, user by user: the table may have millions of rows and no index by hash.
  return db.all(
    `SELECT user_id, hash FROM blob_holders
     WHERE user_id IN (SELECT id FROM users WHERE id <> $userId) AND hash IN (SELECT value FROM json_each($hashes))`,
    { userId, hashes: JSON.stringify(hashes) },
  );
}

/** The snapshots of a user's newest jobs, that of the newest job first, each as often as there are such jobs. */
export function snapshotsOfNewestJobs(db: Database, userId: number, jobs: number): string[] {
  return db
    .all<{ snapshot: string | null }>(
      "SELECT snapshot FROM jobs WHERE user_id = $userId ORDER BY id DESC LIMIT $jobs",
      { userId, jobs },
    )
    .flatMap(({ snapshot }) => snapshot ?? []);
}

/** Records that the user has sent these blobs. */
export function recordBlobs(db: Database, userId: number, hashes: readonly string[]): void {
  db.run(
    `INSERT INTO blob_holders (user_id, hash) SELECT $userId, value FROM json_each($hashes) WHERE true
     ON CONFLICT DO NOTHING`,
    { userId, hashes: JSON.stringify(hashes) },
  );
}

/** Whether the user has sent the snapshot. */
export function holdsSnapshot(db: Database, userId: number, snapshot: string): boolean {
  return (
    db.get("SELECT 1 FROM snapshot_holders WHERE user_id = $userId AND snapshot = $snapshot", {
      userId,
      snapshot,
    }) !== null
  );
}

/** Records that the user has sent a whole snapshot, now. To the hour, so that to send it again soon costs no write. */
export function recordSnapshot(
  db: Database,
  userId: number,
  snapshot: {
    readonly id: string;
    readonly created_at: number;
    readonly file_count: number;
    readonly size_bytes: number;
  },
): void {
  db.run(
    `INSERT INTO snapshots (id, created_at, file_count, size_bytes, accepted_at)
     VALUES ($id, $created_at, $file_count, $size_bytes, $created_at)
     ON CONFLICT (id) DO UPDATE SET accepted_at = $created_at, removed_at = NULL
       WHERE removed_at IS NOT NULL OR coalesce(accepted_at, 0) < $created_at - 3600000`,
    { ...snapshot },
  );
  noteHolder(db, userId, snapshot.id);
}

/** Records that the user has sent a snapshot that is kept. */
export function noteHolder(db: Database, userId: number, snapshot: string): void {
  db.run(
    "INSERT INTO snapshot_holders (user_id, snapshot) VALUES ($userId, $snapshot) ON CONFLICT DO NOTHING",
    { userId, snapshot },
  );
}

/** From now on nobody has sent the snapshot: who needs it is asked for what is missing of it. */
export function forgetSnapshot(db: Database, snapshot: string): void {
  db.run(
    `DELETE FROM snapshot_holders WHERE user_id IN (SELECT id FROM users) AND snapshot = $snapshot`,
    { snapshot },
  );
}

/** Records a snapshot that one user has sent as one that another has sent as well; nothing when the first has not. */
export function shareSnapshot(
  db: Database,
  share: { readonly fromUserId: number; readonly toUserId: number; readonly snapshot: string },
): void {
  db.run(
    `INSERT INTO snapshot_holders (user_id, snapshot)
     SELECT $toUserId, snapshot FROM snapshot_holders WHERE user_id = $fromUserId AND snapshot = $snapshot
     ON CONFLICT DO NOTHING`,
    { ...share },
  );
}
