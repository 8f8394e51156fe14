// The log of one attempt, for a caller who may read it.
import { FetchmlError, isFinal, type Job, type LogChunk } from "@fetchml/protocol";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { mayReadLog, type Principal } from "../domain/principal.ts";
import { toLogBytes } from "../logs/log-bytes.ts";
import { readLog, type LogMask } from "../logs/read-log.ts";
import { findJob } from "../queue/find-job.ts";
import { showJob } from "../queue/look.ts";
import { refuseRemoved } from "../queue/removed-files.ts";
import type { RpcContext } from "./context.ts";
import { maskOf, readMasked } from "./log-mask.ts";

/** A log that the caller may read. */
export interface AttemptLog {
  /** The job as it was when it was last looked at. */
  readonly job: Job;
  readonly attempt: number;
  /** The file, which is there once the attempt has begun. */
  readonly path: string;
  /** Reads what its mask hides. */
  readonly mask: () => Promise<LogMask>;
}

/**
 * Finds the log that a call means: of the attempt in the reference (`12#2`), else of the one named, else of the newest. Of a
 * job that has not ended, its next attempt may be meant too, which has no log yet.
 * @throws FetchmlError job-not-found (also where the caller may not read it), log-not-found, removed
 */
export async function findLog(
  { queue, dataDir, secrets }: RpcContext,
  principal: Principal,
  wanted: { readonly job: string; readonly attempt?: number | undefined },
): Promise<AttemptLog> {
  const { row, attempt: inRef } = await queue.db.read(() => findJob(queue, principal, wanted.job));
  if (!mayReadLog(principal, row.user_id)) throw notReadable(row.id);
  await queue.db.read(() => refuseRemoved(queue.db, row, "log"));
  const {
    attempts: _,
    private: __,
    removed: ___,
    ...job
  } = await showJob(queue, principal, String(row.id));
  const attempt = inRef ?? wanted.attempt ?? Math.max(job.attempt, 1);
  const last = isFinal(job.state) ? Math.max(job.attempt, 1) : job.attempt + 1;
  if (attempt > last) throw noSuchAttempt(job, attempt);
  const key = { jobId: job.id, attempt };
  return {
    job,
    attempt,
    path: attemptFolder(dataDir, key).log,
    mask: () => maskOf({ dataDir, secrets }, key),
  };
}

/** Whether nothing more can come into the log of an attempt: it has ended, or it will never begin. */
export function hasEnded(job: Job, attempt: number): boolean {
  if (job.attempt > attempt || isFinal(job.state)) return true;
  return job.attempt === attempt && job.state === "queued";
}

/**
 * A piece of the log, empty where there is nothing yet. Unless the attempt has ended, a character whose end is still missing
 * may be left for the next piece.
 * @param wanted.limitBytes at most; the logs' own limit of 1 MiB holds too
 * @throws FetchmlError conflict when its secrets cannot be masked; the system's error when the file is there and cannot be read
 */
export async function readChunk(
  { job, attempt, path, mask }: AttemptLog,
  wanted: { readonly offset: number; readonly limitBytes: number },
): Promise<LogChunk> {
  // Looked at before the file is read: the log of an attempt that has ended is whole.
  const isComplete = hasEnded(job, attempt);
  const read = (hides: LogMask) => readLog({ path, ...wanted, isComplete, mask: hides });
  const { offset, nextOffset, bytes, endsAtCut } = await readMasked(mask, read);
  // A full piece may end where the log does, which only the next, empty one shows.
  const isFull = bytes.length > 0 && bytes.length > wanted.limitBytes - LONGEST_CHARACTER;
  return {
    job_id: job.id,
    attempt,
    offset,
    next_offset: nextOffset,
    bytes: toLogBytes(bytes),
    complete: isComplete && !isFull && !endsAtCut,
  };
}

/** In bytes: a piece may be shorter than its limit by less than that and still be full. */
const LONGEST_CHARACTER = 4;

function notReadable(id: number): FetchmlError {
  return new FetchmlError(
    "job-not-found",
    `There is no log of job ${id} that you may read: logs are for a job's owner, admins and viewers.`,
  );
}

function noSuchAttempt(job: Job, attempt: number): FetchmlError {
  const had = job.attempt === 1 ? "one attempt" : `${job.attempt} attempts`;
  return new FetchmlError(
    "log-not-found",
    `Job ${job.id} (${job.name}) has no attempt ${attempt}: it has had ${had}. "ml show ${job.id}" tells more.`,
  );
}
