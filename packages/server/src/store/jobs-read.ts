// Statements that read jobs.
import { isFinal, type JobState } from "@fetchml/protocol";
import type { Database } from "./database.ts";
import { IS_ALIVE, JOB_COLUMNS, type JobPrivateRow, type JobRow } from "./job-row.ts";

const FROM = "FROM jobs AS j JOIN users AS u ON u.id = j.user_id";
// Named where it matters: without statistics SQLite takes the index of all the user's jobs for as good.
const FROM_UNFINISHED_OF_USER =
  "FROM jobs AS j INDEXED BY jobs_unfinished_by_user JOIN users AS u ON u.id = j.user_id";

/** The job of that id. */
export function jobById(db: Database, id: number): JobRow | null {
  return db.get<JobRow>(`SELECT ${JOB_COLUMNS} ${FROM} WHERE j.id = $id`, { id });
}

/** The private columns of a job that exists. */
export function jobPrivate(db: Database, id: number): JobPrivateRow | null {
  return db.get<JobPrivateRow>(
    "SELECT command, cwd, env, snapshot, git, redo_of, setup, retry_on, mounts, secrets FROM jobs WHERE id = $id",
    {
      id,
    },
  );
}

/** The user's newest job of that name. */
export function newestJobOfName(db: Database, userId: number, name: string): JobRow | null {
  return db.get<JobRow>(
    `SELECT ${JOB_COLUMNS} ${FROM} WHERE j.user_id = $userId AND j.name = $name ORDER BY j.id DESC LIMIT 1`,
    { userId, name },
  );
}

/** The user's unfinished jobs of that name, newest first. */
export function unfinishedJobsOfName(
  db: Database,
  userId: number,
  { name, limit }: { readonly name: string; readonly limit: number },
): JobRow[] {
  // Along whichever are few: the user's unfinished jobs, or else all that ever had that name.
  const from = hasMoreUnfinished(db, userId, 1000)
    ? "FROM jobs AS j INDEXED BY jobs_by_name JOIN users AS u ON u.id = j.user_id"
    : FROM_UNFINISHED_OF_USER;
  return db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} ${from}
     WHERE j.user_id = $userId AND j.name = $name AND j.ended_at IS NULL ORDER BY j.id DESC LIMIT $limit`,
    { userId, name, limit },
  );
}

function hasMoreUnfinished(db: Database, userId: number, count: number): boolean {
  const next = db.get(
    `SELECT 1 FROM jobs INDEXED BY jobs_unfinished_by_user
     WHERE user_id = $userId AND ended_at IS NULL LIMIT 1 OFFSET $count`,
    { userId, count },
  );
  return next !== null;
}

/** The user's n-th last job; 0 is the last. */
export function jobBefore(db: Database, userId: number, back: number): JobRow | null {
  return db.get<JobRow>(
    `SELECT ${JOB_COLUMNS} ${FROM} WHERE j.user_id = $userId ORDER BY j.id DESC LIMIT 1 OFFSET $back`,
    { userId, back },
  );
}

/** The first unfinished jobs of a user, oldest first. */
export function unfinishedJobsOfUser(db: Database, userId: number, limit: number): JobRow[] {
  return db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} ${FROM_UNFINISHED_OF_USER} WHERE j.user_id = $userId AND j.ended_at IS NULL ORDER BY j.id LIMIT $limit`,
    { userId, limit },
  );
}

/** All unfinished jobs of everyone, oldest first. */
export function unfinishedJobs(db: Database): JobRow[] {
  return db.all<JobRow>(`SELECT ${JOB_COLUMNS} ${FROM} WHERE j.ended_at IS NULL ORDER BY j.id`);
}

/** Jobs that are starting, running or cancelling, oldest first. */
export function aliveJobs(db: Database): JobRow[] {
  return db.all<JobRow>(`SELECT ${JOB_COLUMNS} ${FROM} WHERE ${IS_ALIVE} ORDER BY j.id`);
}

/** The job a user submitted with that word before. */
export function jobOfSubmission(db: Database, userId: number, submission: string): JobRow | null {
  return db.get<JobRow>(
    `SELECT ${JOB_COLUMNS} ${FROM} WHERE j.user_id = $userId AND j.submission = $submission`,
    { userId, submission },
  );
}

/** What a list of jobs is narrowed to; `null` does not narrow. */
export interface JobFilter {
  readonly userId: number | null;
  readonly unfinishedOnly: boolean;
  readonly states: readonly JobState[] | null;
  readonly since: number | null;
  readonly beforeId: number | null;
  readonly limit: number;
}

/** Jobs that fit, newest first. */
export function listJobs(db: Database, filter: JobFilter): JobRow[] {
  // Said of unfinished states too, though they imply it: there is an index of the few unfinished jobs.
  const isUnfinished =
    filter.unfinishedOnly || filter.states?.every((state) => !isFinal(state)) === true;
  const from = isUnfinished && filter.userId !== null ? FROM_UNFINISHED_OF_USER : FROM;
  const where = [
    filter.userId === null ? "" : "j.user_id = $userId",
    isUnfinished ? "j.ended_at IS NULL" : "",
    filter.states === null ? "" : "j.state IN (SELECT value FROM json_each($states))",
    filter.since === null ? "" : "j.created_at >= $since",
    filter.beforeId === null ? "" : "j.id < $beforeId",
  ].filter((condition) => condition !== "");
  return db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} ${from} ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}
     ORDER BY j.id DESC LIMIT $limit`,
    {
      limit: filter.limit,
      ...(filter.userId !== null && { userId: filter.userId }),
      ...(filter.states !== null && { states: JSON.stringify(filter.states) }),
      ...(filter.since !== null && { since: filter.since }),
      ...(filter.beforeId !== null && { beforeId: filter.beforeId }),
    },
  );
}
