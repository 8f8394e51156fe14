// Takes jobs out of the queue for their next attempt.
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import { boundedTime, limitsOf } from "../domain/guard-rules.ts";
import { pickNext, possibleJobs } from "../domain/pick-next.ts";
import { gpusOfAttempt, insertAttempt } from "../store/attempts.ts";
import { privateOf, type JobRow } from "../store/job-row.ts";
import { startableJobs } from "../store/jobs-queue.ts";
import { jobById, jobPrivate } from "../store/jobs-read.ts";
import { markStarting, setTimeLimit } from "../store/jobs-write.ts";
import type { QueueContext } from "./context.ts";
import { guardsOf } from "./guards.ts";
import { wholeBox } from "./impossible-request.ts";
import { announceRow } from "./news.ts";
import { spareForProjects, withNeeds } from "./project-room.ts";
import { freeNow } from "./usage.ts";

/**
 * Claims every job that can start now; resolves with what to start once the claims are durable. While the disk has no room to
 * spare none is claimed: its files could not be laid out, and what runs needs the rest. For the same reason a job is passed over
 * whose project alone is too large for what there is.
 */
export function claimJobs(ctx: QueueContext): Promise<readonly AttemptSpec[]> {
  return ctx.db.write(() => {
    if (ctx.room.isShort()) return [];
    const now = ctx.clock.now();
    const disk = spareForProjects(ctx);
    const startable = withNeeds(startableJobs(ctx.db, now, disk !== null), ctx);
    const possible = possibleJobs(startable, wholeBox(ctx.totals));
    const { starts } = pickNext(possible, { ...freeNow(ctx), ...(disk && { disk }) });
    return starts.flatMap((start) => {
      // Before it is marked: that forgets when it was allowed to start.
      const waiting = jobById(ctx.db, start.id);
      if (waiting === null || !markStarting(ctx.db, start.id, now)) return [];
      tightenTime(ctx, waiting);
      const row = claimedRow(ctx, start.id);
      announceRow(ctx, row);
      insertAttempt(
        ctx.db,
        { job_id: row.id, number: row.attempt, started_at: now },
        start.gpu_uuids,
      );
      const waitMs = waitedMs(waiting, now);
      ctx.db.afterCommit(() => ctx.news.publish({ kind: "attempt-started", waitMs }));
      return [specOf(ctx, row, start.gpu_uuids)];
    });
  });
}

/** How long the job could have started already: since it was queued, or since the time that it was told to wait for. */
function waitedMs({ created_at, eligible_at }: JobRow, now: number): number {
  return Math.max(0, now - Math.max(created_at, eligible_at ?? 0));
}

/** The admin may have tightened the bound while it waited. */
function tightenTime(ctx: QueueContext, { id, timeout_ms }: JobRow): void {
  const bounded = boundedTime(timeout_ms, guardsOf(ctx));
  if (bounded !== timeout_ms) setTimeLimit(ctx.db, id, bounded);
}

/** What it takes to start a claimed attempt, read from the store. */
export function attemptSpec(ctx: QueueContext, { jobId, attempt }: AttemptKey): AttemptSpec {
  const row = claimedRow(ctx, jobId);
  return specOf(ctx, { ...row, attempt }, gpusOfAttempt(ctx.db, jobId, attempt));
}

function claimedRow({ db }: QueueContext, id: number): JobRow {
  const row = jobById(db, id);
  if (row === null) throw new Error(`job ${id} was claimed and is gone`);
  return row;
}

function specOf(ctx: QueueContext, row: JobRow, gpuUuids: readonly string[]): AttemptSpec {
  const stored = jobPrivate(ctx.db, row.id);
  if (stored === null) throw new Error(`job ${row.id} was claimed and is gone`);
  const { command, cwd, env, snapshot, setup, mounts, secrets } = privateOf(stored);
  return {
    jobId: row.id,
    attempt: row.attempt,
    jobName: row.name,
    user: row.user,
    userId: row.user_id,
    command,
    cwd,
    env,
    snapshot,
    gpuUuids,
    mounts,
    secrets,
    setup,
    timeoutMs: row.timeout_ms,
    memBytes: row.mem_bytes,
    cpus: row.cpus,
    limits: limitsOf(row.no_output_ms, guardsOf(ctx)),
    resume: row.attempt > 1,
  };
}
