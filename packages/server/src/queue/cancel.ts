// Cancels jobs: queued ones end at once, started ones begin to end.
import { FetchmlError, isFinal, type Job, type Outcome } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import type { JobRow } from "../store/job-row.ts";
import { unfinishedJobsOfUser } from "../store/jobs-read.ts";
import { userByName } from "../store/users.ts";
import { markCancelling, markEnded } from "../store/jobs-write.ts";
import type { QueueContext } from "./context.ts";
import { findJobToChange } from "./find-job.ts";
import { announceJob } from "./news.ts";

/** Time between TERM and KILL unless told otherwise. */
export const CANCEL_GRACE_MS = 15_000;

/** Which jobs to cancel: those named, or all unfinished ones of the caller. */
export type CancelTarget = { readonly jobs: readonly string[] } | { readonly all: true };

/**
 * Cancels jobs, all or none of them. One that is cancelling already may be hurried by `graceMs` 0.
 * @throws FetchmlError job-not-found, ambiguous-job, not-allowed, conflict (a job has ended)
 */
export function cancelJobs(
  ctx: QueueContext,
  principal: Principal,
  target: CancelTarget & { readonly graceMs: number },
): Promise<readonly Job[]> {
  return ctx.db.write(() => {
    const rows =
      "all" in target
        ? ownUnfinished(ctx, principal)
        : namedUnfinished(ctx, principal, target.jobs);
    return rows.map((row) => cancelOne(ctx, row, { by: principal.user, graceMs: target.graceMs }));
  });
}

/**
 * Cancels all unfinished jobs of a user, for the admin on the box.
 * @throws FetchmlError user-not-found
 */
export function cancelJobsOf(
  ctx: QueueContext,
  userName: string,
  how: { readonly by: string; readonly graceMs: number },
): Promise<readonly Job[]> {
  return ctx.db.write(() => {
    const user = userByName(ctx.db, userName);
    if (user === null)
      throw new FetchmlError(
        "user-not-found",
        `There is no user ${userName}. "fetchml user list" shows all.`,
      );
    return unfinishedJobsOfUser(ctx.db, user.id).map((row) => cancelOne(ctx, row, how));
  });
}

function ownUnfinished({ db }: QueueContext, principal: Principal): readonly JobRow[] {
  if (principal.kind === "local") {
    throw new FetchmlError(
      "not-allowed",
      "The box's own admin has no jobs: name the jobs to cancel by id.",
    );
  }
  return unfinishedJobsOfUser(db, principal.userId);
}

function namedUnfinished(
  ctx: QueueContext,
  principal: Principal,
  refs: readonly string[],
): readonly JobRow[] {
  const byId = new Map<number, JobRow>();
  for (const ref of refs) {
    const row = findJobToChange(ctx, principal, ref);
    if (isFinal(row.state)) {
      throw new FetchmlError(
        "conflict",
        `Job ${row.id} (${row.name}) is not running: it ${row.state === "cancelled" ? "was cancelled" : `ended as ${row.state}`}. "ml show ${row.id}" tells more.`,
      );
    }
    byId.set(row.id, row);
  }
  return [...byId.values()];
}

function cancelOne(
  ctx: QueueContext,
  row: JobRow,
  { by, graceMs }: { readonly by: string; readonly graceMs: number },
): Job {
  const { db, clock, news } = ctx;
  const now = clock.now();
  if (row.state === "queued") {
    const outcome: Outcome = { kind: "cancelled", by, exit_code: null };
    markEnded(db, row.id, {
      from: "queued",
      state: "cancelled",
      at: now,
      outcome: JSON.stringify(outcome),
    });
    return announceJob(ctx, row.id);
  }
  markCancelling(db, row.id, by);
  const attempt = { jobId: row.id, attempt: row.attempt };
  db.afterCommit(() => news.publish({ kind: "cancel-requested", attempt, graceMs }));
  return announceJob(ctx, row.id);
}
