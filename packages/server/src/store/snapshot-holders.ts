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

/** Records that the user has sent a whole snapshot. */
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
    `INSERT INTO snapshots (id, created_at, file_count, size_bytes) VALUES ($id, $created_at, $file_count, $size_bytes)
     ON CONFLICT DO NOTHING`,
    { ...snapshot },
  );
  db.run(
    "INSERT INTO snapshot_holders (user_id, snapshot) VALUES ($userId, $snapshot) ON CONFLICT DO NOTHING",
    { userId, snapshot: snapshot.id },
  );
}
