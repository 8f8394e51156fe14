// Whose code a caller may have: that of a job, for its owner and for admins.
import { FetchmlError } from "@fetchml/protocol";
import { maySeePrivate, type Principal } from "../domain/principal.ts";
import type { JobPrivateRow, JobRow } from "../store/job-row.ts";
import { jobPrivate } from "../store/jobs-read.ts";
import type { QueueContext } from "./context.ts";
import { findJob } from "./find-job.ts";
import { refuseRemovedCode } from "./removed-files.ts";

/** A job with what only its owner and admins see. */
export interface JobWithCode {
  readonly row: JobRow;
  readonly stored: JobPrivateRow;
}

/**
 * The job of a reference, for a caller who may see its code. Call it inside a read or a write.
 * @throws FetchmlError job-not-found, also where the caller may see the job but not its code
 */
export function findJobWithCode(ctx: QueueContext, principal: Principal, ref: string): JobWithCode {
  const { row } = findJob(ctx, principal, ref);
  const stored = maySeePrivate(principal, row.user_id) ? jobPrivate(ctx.db, row.id) : null;
  if (stored === null) throw notVisible(row.id);
  return { row, stored };
}

/** The snapshot that a job runs from; `null` when it has none. @throws FetchmlError as {@link findJobWithCode}; removed */
export function snapshotOfJob(
  ctx: QueueContext,
  principal: Principal,
  ref: string,
): Promise<string | null> {
  return ctx.db.read(() => {
    const { row, stored } = findJobWithCode(ctx, principal, ref);
    refuseRemovedCode(ctx.db, row, stored.snapshot);
    return stored.snapshot;
  });
}

function notVisible(id: number): FetchmlError {
  return new FetchmlError(
    "job-not-found",
    `There is no code of job ${id} that you may see: code is for a job's owner and admins.`,
  );
}
