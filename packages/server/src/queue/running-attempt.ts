// The running attempt that a caller wants to run a command in.
import { FetchmlError } from "@fetchml/protocol";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import type { Principal } from "../domain/principal.ts";
import { attemptSpec } from "./claim.ts";
import type { QueueContext } from "./context.ts";
import { findJobToChange } from "./find-job.ts";

/**
 * The attempt that runs now of a job that the caller may change: a name means the newest unfinished one. Call it inside a read or
 * a write.
 *
 * @param ref as callers name jobs; `12#2` says which attempt it must be.
 * @throws FetchmlError job-not-found, ambiguous-job, not-allowed; conflict when none runs, or another one
 */
export function findRunningAttempt(
  ctx: QueueContext,
  principal: Principal,
  ref: string,
): AttemptSpec {
  const [, name = ref, attempt = null] = /^(.+)#([1-9]\d{0,8})$/.exec(ref) ?? [];
  const row = findJobToChange(ctx, principal, name);
  if (row.state !== "running" && row.state !== "cancelling") {
    throw new FetchmlError(
      "conflict",
      `Cannot run a command in job ${row.id} (${row.name}): it is ${row.state}, and a command needs a running job. "ml why ${row.id}" tells more.`,
    );
  }
  if (attempt !== null && Number(attempt) !== row.attempt) {
    throw new FetchmlError(
      "conflict",
      `Cannot run a command in attempt ${attempt} of job ${row.id} (${row.name}): attempt ${row.attempt} is the one that runs.`,
    );
  }
  return attemptSpec(ctx, { jobId: row.id, attempt: row.attempt });
}
