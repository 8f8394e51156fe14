// Statements about a store that was restored from a backup: what it believes that is not so on this box.
import type { Database } from "./database.ts";
import { IS_ALIVE } from "./job-row.ts";

/** Snapshots of jobs that have not ended. */
export function snapshotsOfUnfinished(db: Database): string[] {
  return db
    .all<{ snapshot: string }>(
      "SELECT DISTINCT snapshot FROM jobs INDEXED BY jobs_unfinished WHERE ended_at IS NULL AND snapshot IS NOT NULL",
    )
    .map(({ snapshot }) => snapshot);
}

/** The attempts that the store believes alive. */
export function attemptsAlive(
  db: Database,
): { readonly job_id: number; readonly attempt: number }[] {
  return db.all(`SELECT id AS job_id, attempt FROM jobs INDEXED BY jobs_alive WHERE ${IS_ALIVE}`);
}

/** From now on nobody has sent any snapshot but those of unfinished jobs: who needs another is asked for what is missing of it. */
export function forgetSnapshotsOfEnded(db: Database): void {
  db.run(
    `DELETE FROM snapshot_holders WHERE snapshot NOT IN
       (SELECT snapshot FROM jobs WHERE ended_at IS NULL AND snapshot IS NOT NULL)`,
  );
}

/** Revokes every key that is not revoked; answers how many. */
export function revokeEveryKey(db: Database, at: number): number {
  return db.run("UPDATE api_keys SET revoked_at = $at WHERE revoked_at IS NULL", { at }).changes;
}

/** How much a store holds, for whoever wants to know what was saved. */
export function countStored(db: Database): {
  readonly jobs: number;
  readonly users: number;
  readonly keys: number;
} {
  return {
    jobs: countOf(db, "SELECT count(*) AS count FROM jobs"),
    users: countOf(db, "SELECT count(*) AS count FROM users WHERE removed_at IS NULL"),
    keys: countOf(db, "SELECT count(*) AS count FROM api_keys WHERE revoked_at IS NULL"),
  };
}

function countOf(db: Database, sql: string): number {
  return db.get<{ count: number }>(sql)?.count ?? 0;
}
