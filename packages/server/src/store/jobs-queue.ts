// Statements about the order of the queue.
import type { QueuedJob } from "../domain/pick-next.ts";
import type { Database } from "./database.ts";
import { JOB_COLUMNS, type JobRow } from "./job-row.ts";

/** Jobs that may start now, in the order of the queue; read lazily, so that a closed way ends the reading. */
export function* startableJobs(db: Database, now: number): Generator<QueuedJob> {
  yield* db.iterate<QueuedJob>(
    `SELECT id, gpus, cpus, mem_bytes FROM jobs INDEXED BY jobs_queue
     WHERE state = 'queued' AND held = 0 AND (eligible_at IS NULL OR eligible_at <= $now) ORDER BY queue_rank`,
    { now },
  );
}

/** The earliest time after now at which a waiting job may start; `null` when none waits for its time. */
export function nextEligibleAt(db: Database, now: number): number | null {
  return (
    db.get<{ at: number | null }>(
      `SELECT min(eligible_at) AS at FROM jobs WHERE state = 'queued' AND held = 0 AND eligible_at > $now`,
      { now },
    )?.at ?? null
  );
}

/** The first queued jobs, held ones too, in the order of the queue. */
export function queueHead(db: Database, limit: number): JobRow[] {
  return db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM jobs AS j JOIN users AS u ON u.id = j.user_id
     WHERE j.state = 'queued' ORDER BY j.queue_rank LIMIT $limit`,
    { limit },
  );
}

/** How many queued jobs that are not held stand before a rank; walks them. */
export function countAhead(db: Database, queueRank: number): number {
  return (
    db.get<{ n: number }>(
      "SELECT count(*) AS n FROM jobs WHERE state = 'queued' AND held = 0 AND queue_rank < $queueRank",
      { queueRank },
    )?.n ?? 0
  );
}

/** How many jobs are queued. */
export function countQueued(db: Database): number {
  return db.get<{ queued: number }>("SELECT queued FROM queue_counts WHERE id = 1")?.queued ?? 0;
}

/** How many queued jobs are not held. Kept by triggers, so it costs the same for any queue. */
export function countWaiting(db: Database): number {
  return db.get<{ waiting: number }>("SELECT waiting FROM queue_counts WHERE id = 1")?.waiting ?? 0;
}

/** Puts a queued job before all other queued jobs of its owner, without passing anybody else's. */
export function moveFirst(
  db: Database,
  job: { readonly id: number; readonly user_id: number },
): void {
  const own = db.all<{ id: number; queue_rank: number }>(
    "SELECT id, queue_rank FROM jobs WHERE user_id = $userId AND state = 'queued' AND ended_at IS NULL ORDER BY queue_rank",
    { userId: job.user_id },
  );
  const inOrder = [job.id, ...own.map((each) => each.id).filter((id) => id !== job.id)];
  // The user's jobs exchange the places they have among themselves.
  for (const [place, { queue_rank }] of own.entries()) {
    db.run("UPDATE jobs SET queue_rank = $queue_rank WHERE id = $id", {
      queue_rank,
      id: inOrder[place] ?? job.id,
    });
  }
}
