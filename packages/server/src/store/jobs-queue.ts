// Statements about the order of the queue.
import type { Database } from "./database.ts";
import type { StartableJob } from "./job-projects.ts";
import { IS_ALIVE, JOB_COLUMNS, type JobRow } from "./job-row.ts";

/** Jobs of sweeps that one reading steps over: 1 ms. What stands behind more of them waits until they are cancelled. */
const MOST_SWEPT = 500;

/**
 * Jobs that may start now, in the order of the queue; read lazily, so that a closed way ends the reading. Those that a sweep is about to
 * cancel are not among them.
 * @param withProjects whether to tell the sizes of their projects, which takes one more look for each
 */
export function* startableJobs(
  db: Database,
  now: number,
  withProjects = false,
): Generator<StartableJob> {
  let swept = 0;
  const [sizes, join] = withProjects
    ? [", p.size_bytes, p.file_count", "LEFT JOIN snapshots AS p ON p.id = jobs.snapshot"]
    : ["", ""];
  for (const { is_swept, ...job } of db.iterate<StartableJob & { readonly is_swept: 0 | 1 }>(
    `SELECT jobs.id, gpus, cpus, mem_bytes${sizes},
       EXISTS (SELECT 1 FROM cancel_sweeps AS s WHERE s.user_id = jobs.user_id AND s.up_to_job >= jobs.id) AS is_swept
     FROM jobs INDEXED BY jobs_queue ${join}
     WHERE state = 'queued' AND held = 0 AND (eligible_at IS NULL OR eligible_at <= $now) ORDER BY queue_rank`,
    { now },
  )) {
    if (is_swept === 0) yield job;
    else if ((swept += 1) === MOST_SWEPT) return;
  }
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

/** Jobs of its owner that one step of a move passes: 3 to 5 ms and the commit. */
export const MOST_PASSED = 1_000;

/**
 * Puts a queued job before all other queued jobs of its owner, without passing anybody else's. Where others stand between, the owner's
 * jobs exchange the places that they have among themselves, {@link MOST_PASSED} at a time.
 *
 * @returns `null` when it is there; else the place that {@link moveOn} is to bring it to
 */
export function moveFirst(
  db: Database,
  job: { readonly id: number; readonly user_id: number },
): number | null {
  const first = firstQueued(db, job.user_id);
  const rank = queuedRank(db, job.id);
  if (first === null || rank === null || first.id === job.id) return null;
  const place = freePlaceBefore(db, first.queue_rank, job.user_id);
  if (isFree(db, place) && !passesOthers(db, { userId: job.user_id, place, rank })) {
    setRank(db, job.id, place);
    return null;
  }
  return moveOn(db, job, first.queue_rank) ? first.queue_rank : null;
}

/** Goes on with a move; nothing for a job that is not queued any more. @returns whether there may be more of its owner's jobs to pass */
export function moveOn(
  db: Database,
  { id, user_id: userId }: { readonly id: number; readonly user_id: number },
  to: number,
): boolean {
  const rank = queuedRank(db, id);
  if (rank === null) return false;
  const passed = db.all<{ id: number; queue_rank: number }>(
    `SELECT id, queue_rank FROM jobs INDEXED BY jobs_queue
     WHERE state = 'queued' AND queue_rank BETWEEN $to AND $rank AND user_id = $userId AND id <> $id
     ORDER BY queue_rank DESC LIMIT ${MOST_PASSED}`,
    { id, userId, to, rank },
  );
  // Each goes to the place of the one behind it, and the job to that of the last.
  let left = rank;
  for (const other of passed) {
    setRank(db, other.id, left);
    left = other.queue_rank;
  }
  setRank(db, id, left);
  return passed.length === MOST_PASSED;
}

/** Found along the queue, since no index holds one user's jobs in its order. */
function firstQueued(
  db: Database,
  userId: number,
): { readonly id: number; readonly queue_rank: number } | null {
  return db.get(
    "SELECT id, queue_rank FROM jobs INDEXED BY jobs_queue WHERE state = 'queued' AND user_id = $userId ORDER BY queue_rank LIMIT 1",
    { userId },
  );
}

function queuedRank(db: Database, id: number): number | null {
  const job = db.get<{ rank: number }>(
    "SELECT queue_rank AS rank FROM jobs WHERE id = $id AND state = 'queued'",
    { id },
  );
  return job?.rank ?? null;
}

/** The nearest place before a rank that is no started job's of the user, who as a rule has some that come right before. */
function freePlaceBefore(db: Database, rank: number, userId: number): number {
  const alive = db.all<{ rank: number }>(
    `SELECT queue_rank AS rank FROM jobs INDEXED BY jobs_alive WHERE ${IS_ALIVE} AND user_id = $userId`,
    { userId },
  );
  const taken = new Set(alive.map((job) => job.rank));
  let place = rank - 1;
  while (taken.has(place)) place -= 1;
  return place;
}

/** Whether no queued job has a rank, and no started one, which may come back to it. */
function isFree(db: Database, rank: number): boolean {
  const taken = db.get(
    `SELECT 1 FROM jobs INDEXED BY jobs_queue WHERE state = 'queued' AND queue_rank = $rank
     UNION ALL SELECT 1 FROM jobs INDEXED BY jobs_alive WHERE ${IS_ALIVE} AND queue_rank = $rank LIMIT 1`,
    { rank },
  );
  return taken === null;
}

/** Whether a job that goes from that rank to a place passes others' jobs, started ones that may come back too. */
function passesOthers(
  db: Database,
  between: { readonly userId: number; readonly place: number; readonly rank: number },
): boolean {
  const others = "queue_rank >= $place AND queue_rank < $rank AND user_id <> $userId";
  const other = db.get(
    `SELECT 1 FROM jobs INDEXED BY jobs_alive WHERE ${IS_ALIVE} AND ${others}
     UNION ALL SELECT 1 FROM jobs INDEXED BY jobs_queue WHERE state = 'queued' AND ${others} LIMIT 1`,
    between,
  );
  return other !== null;
}

function setRank(db: Database, id: number, rank: number): void {
  db.run("UPDATE jobs SET queue_rank = $rank WHERE id = $id", { id, rank });
}
