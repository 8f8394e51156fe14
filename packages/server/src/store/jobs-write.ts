// Statements that add and change jobs; every change of state names the state it expects.
import type { JobState } from "@fetchml/protocol";
import type { Database } from "./database.ts";

/** The columns of a new job; JSON columns as text. */
export type NewJob = {
  readonly user_id: number;
  readonly name: string;
  readonly held: 0 | 1;
  readonly gpus: number;
  readonly cpus: number;
  readonly mem_bytes: number;
  readonly timeout_ms: number | null;
  readonly no_output_ms: number | null;
  readonly retries: number;
  readonly created_at: number;
  readonly eligible_at: number | null;
  readonly command: string;
  readonly cwd: string;
  readonly env: string;
  readonly snapshot: string | null;
  readonly git: string | null;
  readonly redo_of: number | null;
  readonly setup: string | null;
  /** JSON of a list of causes. */
  readonly retry_on: string;
  readonly mounts: string;
  /** JSON of a list of names. */
  readonly secrets: string;
  readonly submission: string | null;
};

/** Adds a queued job at the end of the queue; answers its id. */
export function insertJob(db: Database, job: NewJob): number {
  const { id } = db.run(
    `INSERT INTO jobs (user_id, name, state, queue_rank, held, gpus, cpus, mem_bytes, timeout_ms, no_output_ms, retries, attempt,
       created_at, eligible_at, command, cwd, env, snapshot, git, redo_of, setup, retry_on, mounts, secrets, submission)
     VALUES ($user_id, $name, 'queued', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'jobs'), 0) + 1, $held, $gpus, $cpus, $mem_bytes,
       $timeout_ms, $no_output_ms, $retries, 0, $created_at, $eligible_at, $command, $cwd, $env, $snapshot, $git, $redo_of,
       $setup, $retry_on, $mounts, $secrets, $submission)`,
    job,
  );
  return id;
}

/** The greatest id that a job was given or that was skipped; 0: none. */
export function lastJobId(db: Database): number {
  return (
    db.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'", {})?.seq ?? 0
  );
}

/** From now on new jobs get greater ids than this one, which is greater than any that was given. */
export function skipJobIds(db: Database, upTo: number): void {
  const bindings = { upTo };
  const { changes } = db.run(
    "UPDATE sqlite_sequence SET seq = $upTo WHERE name = 'jobs'",
    bindings,
  );
  if (changes === 0)
    db.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('jobs', $upTo)", bindings);
}

/** Takes a job out of the queue for its next attempt; false when it is no longer queued. */
export function markStarting(db: Database, id: number, at: number): boolean {
  return (
    db.run(
      `UPDATE jobs SET state = 'starting', attempt = attempt + 1, eligible_at = NULL, outcome = NULL,
         started_at = coalesce(started_at, $at)
       WHERE id = $id AND state = 'queued' AND held = 0`,
      { id, at },
    ).changes === 1
  );
}

/** Records that the job's process runs; false when it is not starting. */
export function markRunning(db: Database, id: number): boolean {
  return (
    db.run("UPDATE jobs SET state = 'running' WHERE id = $id AND state = 'starting'", { id })
      .changes === 1
  );
}

/** Records who asked a started job to end; false when it is not starting or running. */
export function markCancelling(db: Database, id: number, by: string): boolean {
  return (
    db.run(
      "UPDATE jobs SET state = 'cancelling', cancelled_by = $by WHERE id = $id AND state IN ('starting', 'running')",
      { id, by },
    ).changes === 1
  );
}

/** Ends a job; false when it is not in the state expected. */
export function markEnded(
  db: Database,
  id: number,
  end: {
    readonly from: JobState;
    readonly state: JobState;
    readonly at: number;
    readonly outcome: string;
  },
): boolean {
  return (
    db.run(
      `UPDATE jobs SET state = $state, ended_at = $at, outcome = $outcome, eligible_at = NULL
       WHERE id = $id AND state = $from`,
      { id, ...end },
    ).changes === 1
  );
}

/** Puts a job back into the queue for another attempt; its last outcome stays visible meanwhile. */
export function markRequeued(
  db: Database,
  id: number,
  requeue: { readonly from: JobState; readonly eligible_at: number; readonly outcome: string },
): boolean {
  return (
    db.run(
      `UPDATE jobs SET state = 'queued', eligible_at = $eligible_at, outcome = $outcome
       WHERE id = $id AND state = $from`,
      { id, ...requeue },
    ).changes === 1
  );
}

/**
 * Puts a job back into the queue as it was before its attempt was claimed, but for the time; false when that is not starting. The
 * outcome is that of the attempt before; the one handed in where there was none.
 */
export function markGivenBack(
  db: Database,
  { jobId, attempt }: { readonly jobId: number; readonly attempt: number },
  back: { readonly eligible_at: number; readonly outcome: string },
): boolean {
  return (
    db.run(
      `UPDATE jobs SET state = 'queued', attempt = attempt - 1, eligible_at = $eligible_at,
         started_at = CASE WHEN attempt = 1 THEN NULL ELSE started_at END,
         outcome = coalesce((SELECT outcome FROM attempts WHERE job_id = $jobId AND number = $attempt - 1), $outcome)
       WHERE id = $jobId AND attempt = $attempt AND state = 'starting'`,
      { jobId, attempt, ...back },
    ).changes === 1
  );
}

/** Holds or releases a queued job; false when it is not queued. */
export function setHeld(db: Database, id: number, held: 0 | 1): boolean {
  return (
    db.run("UPDATE jobs SET held = $held WHERE id = $id AND state = 'queued'", { id, held })
      .changes === 1
  );
}

/** Pins a job since a time, or lets it go with `null`; a pinned one keeps its time. */
export function setPinned(db: Database, id: number, at: number | null): void {
  db.run(
    `UPDATE jobs SET pinned_at = $at WHERE id = $id AND (pinned_at IS NULL) <> ($at IS NULL)`,
    { id, at },
  );
}

/** What `edit` may change of a job. */
export interface JobEdit {
  readonly gpus: number;
  readonly cpus: number;
  readonly mem_bytes: number;
  readonly timeout_ms: number | null;
  readonly retries: number;
  readonly eligible_at: number | null;
}

/** Writes the editable columns of a job. Another time to begin ends the wait of one whose first attempt was given back. */
export function updateJob(db: Database, id: number, edit: JobEdit): void {
  db.run(
    `UPDATE jobs SET gpus = $gpus, cpus = $cpus, mem_bytes = $mem_bytes, timeout_ms = $timeout_ms, retries = $retries,
       eligible_at = $eligible_at,
       outcome = CASE WHEN attempt = 0 AND eligible_at IS NOT $eligible_at THEN NULL ELSE outcome END WHERE id = $id`,
    { id, ...edit },
  );
}

/** Gives a job another time limit; `null`: none. */
export function setTimeLimit(db: Database, id: number, timeoutMs: number | null): void {
  db.run("UPDATE jobs SET timeout_ms = $timeoutMs WHERE id = $id", { id, timeoutMs });
}
