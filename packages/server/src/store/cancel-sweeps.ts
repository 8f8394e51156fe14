// Statements about cancels of all jobs of a user, which are done in slices.
import type { Database } from "./database.ts";
import { IS_ALIVE, JOB_COLUMNS, type JobRow } from "./job-row.ts";

const FROM_UNFINISHED_OF_USER =
  "FROM jobs AS j INDEXED BY jobs_unfinished_by_user JOIN users AS u ON u.id = j.user_id";

/** One row of `cancel_sweeps` with its user's name. */
export interface CancelSweep {
  readonly user_id: number;
  readonly user: string;
  /** The last job that it is about. */
  readonly up_to_job: number;
  readonly asked_by: string;
  readonly asked_at: number;
  /** How many jobs it has cancelled so far. */
  readonly cancelled: number;
}

/** Opens a sweep of a user's jobs; one that is open goes on up to the later job, and keeps who asked first. */
export function openSweep(db: Database, sweep: Omit<CancelSweep, "user">): void {
  db.run(
    `INSERT INTO cancel_sweeps (user_id, up_to_job, asked_by, asked_at, cancelled)
     VALUES ($user_id, $up_to_job, $asked_by, $asked_at, $cancelled)
     ON CONFLICT (user_id) DO UPDATE SET
       up_to_job = max(up_to_job, excluded.up_to_job), cancelled = cancelled + excluded.cancelled`,
    { ...sweep },
  );
}

/** The open sweep of the next user after that one; `null` when none is open after it. */
export function sweepAfter(db: Database, userId: number): CancelSweep | null {
  return db.get<CancelSweep>(
    `SELECT s.user_id, u.name AS user, s.up_to_job, s.asked_by, s.asked_at, s.cancelled
     FROM cancel_sweeps AS s JOIN users AS u ON u.id = s.user_id WHERE s.user_id > $userId ORDER BY s.user_id LIMIT 1`,
    { userId },
  );
}

/** Who asked for the sweep that has yet to come to this queued job; `null` when none has. */
export function sweepingJob(
  db: Database,
  job: { readonly id: number; readonly user_id: number },
): string | null {
  const sweep = db.get<{ by: string }>(
    "SELECT asked_by AS by FROM cancel_sweeps WHERE user_id = $userId AND up_to_job >= $id",
    { userId: job.user_id, id: job.id },
  );
  return sweep?.by ?? null;
}

/** Counts what a sweep has cancelled. */
export function countSwept(db: Database, userId: number, count: number): void {
  db.run("UPDATE cancel_sweeps SET cancelled = cancelled + $count WHERE user_id = $userId", {
    userId,
    count,
  });
}

/** Closes a sweep. */
export function closeSweep(db: Database, userId: number): void {
  db.run("DELETE FROM cancel_sweeps WHERE user_id = $userId", { userId });
}

/** The last unfinished job of a user; 0 when there is none. */
export function lastUnfinished(db: Database, userId: number): number {
  const last = db.get<{ id: number | null }>(
    `SELECT max(id) AS id FROM jobs INDEXED BY jobs_unfinished_by_user WHERE user_id = $userId AND ended_at IS NULL`,
    { userId },
  );
  return last?.id ?? 0;
}

/** The jobs of a user that have started and not ended, oldest first. */
export function aliveJobsOfUser(db: Database, userId: number): JobRow[] {
  return db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM jobs AS j INDEXED BY jobs_alive JOIN users AS u ON u.id = j.user_id
     WHERE ${IS_ALIVE} AND j.user_id = $userId ORDER BY j.id`,
    { userId },
  );
}

/** The first queued jobs of a user, held ones too, in the order of their ids. */
export function firstQueuedOfUser(db: Database, userId: number, limit: number): JobRow[] {
  return db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} ${FROM_UNFINISHED_OF_USER}
     WHERE j.user_id = $userId AND j.ended_at IS NULL AND j.state = 'queued' ORDER BY j.id LIMIT $limit`,
    { userId, limit },
  );
}

/** Ids of the first queued jobs that a sweep is about, in their order. */
export function firstToSweep(db: Database, sweep: CancelSweep, limit: number): number[] {
  return db
    .all<{ id: number }>(
      `SELECT id FROM jobs INDEXED BY jobs_unfinished_by_user
       WHERE user_id = $userId AND ended_at IS NULL AND id <= $upToJob AND state = 'queued' ORDER BY id LIMIT $limit`,
      { userId: sweep.user_id, upToJob: sweep.up_to_job, limit },
    )
    .map(({ id }) => id);
}

/** Ends queued jobs as cancelled, all in one statement: half of the time that one statement for each takes. */
export function markCancelled(
  db: Database,
  ids: readonly number[],
  end: { readonly at: number; readonly outcome: string },
): void {
  db.run(
    `UPDATE jobs SET state = 'cancelled', ended_at = $at, outcome = $outcome, eligible_at = NULL
     WHERE id IN (SELECT value FROM json_each($ids)) AND state = 'queued'`,
    { ids: JSON.stringify(ids), ...end },
  );
}
