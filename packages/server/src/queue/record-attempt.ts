// Records what the executor tells of an attempt.
import {
  finalStateOf,
  isFinal,
  type Outcome,
  type PeakMemory,
  type RetryCause,
} from "@fetchml/protocol";
import type { AttemptEnd } from "../domain/attempt-end.ts";
import type { AttemptKey } from "../domain/attempt-key.ts";
import { afterAttempt } from "../domain/job-lifecycle.ts";
import { endAttempt } from "../store/attempts.ts";
import { privateOf, type JobRow } from "../store/job-row.ts";
import { jobById, jobPrivate } from "../store/jobs-read.ts";
import { markEnded, markRequeued, markRunning } from "../store/jobs-write.ts";
import type { QueueContext } from "./context.ts";
import { announceJob } from "./news.ts";

/** Records that an attempt runs; nothing happens when that is known or past. */
export function recordRunning(ctx: QueueContext, key: AttemptKey): Promise<void> {
  return ctx.db.write(() => {
    const row = jobById(ctx.db, key.jobId);
    if (row === null || row.attempt !== key.attempt) return;
    if (markRunning(ctx.db, key.jobId)) announceJob(ctx, key.jobId);
  });
}

/** Records how an attempt ended, and ends or requeues its job; nothing happens when that is known. */
export function recordEnd(
  ctx: QueueContext,
  key: AttemptKey,
  end: {
    readonly outcome: AttemptEnd;
    readonly endedAt: number;
    readonly peak?: PeakMemory | undefined;
  },
): Promise<void> {
  return ctx.db.write(() => {
    const { db, clock } = ctx;
    const row = jobById(db, key.jobId);
    if (row === null || row.attempt !== key.attempt || row.state === "queued" || isFinal(row.state))
      return;
    const outcome = outcomeOf(row, end.outcome);
    const outcomeText = JSON.stringify(outcome);
    const now = clock.now();
    endAttempt(
      db,
      { job_id: row.id, number: row.attempt },
      { ended_at: end.endedAt, outcome: outcomeText, peak: end.peak },
    );
    const next =
      row.state === "cancelling"
        ? { kind: "ends" as const, state: finalStateOf(outcome) }
        : afterAttempt({ ...row, retryOn: retryOnOf(ctx, row) }, outcome, {
            now,
            random: ctx.random(),
          });
    if (next.kind === "requeued") {
      markRequeued(db, row.id, {
        from: row.state,
        eligible_at: next.eligible_at,
        outcome: outcomeText,
      });
    } else {
      markEnded(db, row.id, {
        from: row.state,
        state: next.state,
        at: end.endedAt,
        outcome: outcomeText,
      });
    }
    announceJob(ctx, row.id);
    db.afterCommit(() => ctx.news.publish({ kind: "attempt-ended", outcome }));
  });
}

function retryOnOf({ db }: QueueContext, { id, retries }: JobRow): readonly RetryCause[] {
  const stored = retries === 0 ? null : jobPrivate(db, id);
  return stored === null ? [] : privateOf(stored).retry_on;
}

/** A job that somebody asked to end was cancelled, whatever it still did; only its loss is told as it is. */
function outcomeOf(row: JobRow, end: AttemptEnd): Outcome {
  if (row.state === "cancelling" && end.kind !== "lost") {
    const exitCode = end.kind === "exited" || end.kind === "cancelled" ? end.exit_code : null;
    return { kind: "cancelled", by: row.cancelled_by ?? "unknown", exit_code: exitCode };
  }
  if (end.kind === "cancelled")
    return { kind: "cancelled", by: "unknown", exit_code: end.exit_code };
  return end;
}
