// A job as the database holds it, and the job as the API tells it.
import type {
  Command,
  GitState,
  Job,
  JobPrivate,
  JobState,
  Outcome,
  RetryCause,
  Setup,
} from "@fetchml/protocol";
import { waitReason } from "../domain/wait-reason.ts";

/** One row of `jobs` joined with its owner's name. Times are epoch milliseconds. */
export interface JobRow {
  readonly id: number;
  readonly user_id: number;
  readonly user: string;
  readonly name: string;
  readonly state: JobState;
  readonly queue_rank: number;
  readonly held: 0 | 1;
  readonly gpus: number;
  readonly cpus: number;
  readonly mem_bytes: number;
  readonly timeout_ms: number | null;
  readonly no_output_ms: number | null;
  readonly retries: number;
  readonly attempt: number;
  readonly created_at: number;
  readonly eligible_at: number | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly cancelled_by: string | null;
  /** JSON of an {@link Outcome}. */
  readonly outcome: string | null;
  readonly pinned_at: number | null;
}

/** The columns of {@link JobRow}, for statements that read `jobs AS j JOIN users AS u`. */
export const JOB_COLUMNS = `j.id, j.user_id, u.name AS user, j.name, j.state, j.queue_rank, j.held, j.gpus, j.cpus, j.mem_bytes,
  j.timeout_ms, j.no_output_ms, j.retries, j.attempt, j.created_at, j.eligible_at, j.started_at, j.ended_at, j.cancelled_by, j.outcome, j.pinned_at`;

/** Of a job that has started and not ended: in the words of the index `jobs_alive`, without which SQLite would not take it. */
export const IS_ALIVE = "(state = 'starting' OR state = 'running' OR state = 'cancelling')";

/** What a job's row is told with. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether the box as a whole is out of service. */
  readonly isDrained: boolean;
  /** Whether the disk has no room for a queued job's files. */
  readonly lacksRoom: (jobId: number) => boolean;
}

/** What every role sees of the job. */
export function jobOf(row: JobRow, moment: Moment): Job {
  const isQueued = row.state === "queued";
  return {
    id: row.id,
    name: row.name,
    user: row.user,
    state: row.state,
    reason: isQueued
      ? waitReason(
          { ...row, held: row.held === 1 },
          { ...moment, lacksRoom: () => moment.lacksRoom(row.id) },
        )
      : null,
    gpus: row.gpus,
    cpus: row.cpus,
    mem_bytes: row.mem_bytes,
    timeout_ms: row.timeout_ms,
    no_output_ms: row.no_output_ms,
    retries: row.retries,
    attempt: row.attempt,
    created_at: row.created_at,
    eligible_at: isQueued ? row.eligible_at : null,
    started_at: row.started_at,
    ended_at: row.ended_at,
    outcome:
      row.outcome === null || wasGivenBack(row, moment.now)
        ? null
        : parseStored<Outcome>(row.outcome),
    pinned: row.pinned_at !== null,
  };
}

/** Whether the outcome is that of a first attempt that was given back, and the wait for it is over. */
function wasGivenBack({ state, attempt, eligible_at }: JobRow, now: number): boolean {
  return state === "queued" && attempt === 0 && (eligible_at ?? now) <= now;
}

/** The private columns of one row of `jobs`. */
export interface JobPrivateRow {
  readonly command: string;
  readonly cwd: string;
  readonly env: string;
  readonly snapshot: string | null;
  /** JSON of a {@link GitState}. */
  readonly git: string | null;
  readonly redo_of: number | null;
  /** JSON of a {@link Setup}. */
  readonly setup: string | null;
  /** JSON of a list of {@link RetryCause}. */
  readonly retry_on: string;
  /** JSON of a list of paths. */
  readonly mounts: string;
  /** JSON of a list of names. */
  readonly secrets: string;
}

/** What only the owner and admins see of the job. */
export function privateOf(row: JobPrivateRow): JobPrivate {
  return {
    command: parseStored<Command>(row.command),
    cwd: row.cwd,
    env: parseStored<Record<string, string>>(row.env),
    snapshot: row.snapshot,
    git: row.git === null ? null : parseStored<GitState>(row.git),
    redo_of: row.redo_of,
    setup: row.setup === null ? null : parseStored<Setup>(row.setup),
    retry_on: parseStored<RetryCause[]>(row.retry_on),
    mounts: parseStored<string[]>(row.mounts),
    secrets: parseStored<string[]>(row.secrets),
  };
}

/** Reads JSON that this program has checked before it stored it. */
export function parseStored<T>(json: string): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its schema checked it on the way in
  return JSON.parse(json) as T;
}
