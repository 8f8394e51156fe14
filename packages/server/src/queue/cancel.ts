// Cancels the jobs that are named: queued ones end at once, started ones begin to end.
import { FetchmlError, isFinal, type Job } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import { markCancelled } from "../store/cancel-sweeps.ts";
import type { JobRow } from "../store/job-row.ts";
import { markCancelling } from "../store/jobs-write.ts";
import { outcomeOfQueued } from "./cancel-sweeps.ts";
import type { QueueContext } from "./context.ts";
import { findJobToChange } from "./find-job.ts";
import { announceJob, announceRow } from "./news.ts";

/** Time between TERM and KILL unless told otherwise. */
export const CANCEL_GRACE_MS = 15_000;

/** Who cancels, and how long a started job may take to end. */
export interface CancelWish {
  /** As the job's outcome will name it. */
  readonly by: string;
  readonly graceMs: number;
}

/**
 * Cancels jobs, all or none of them. One that is cancelling already may be hurried by `graceMs` 0.
 * @throws FetchmlError job-not-found, ambiguous-job, not-allowed, conflict (a job has ended)
 */
export function cancelJobs(
  ctx: QueueContext,
  principal: Principal,
  target: { readonly jobs: readonly string[]; readonly graceMs: number },
): Promise<readonly Job[]> {
  return ctx.db.write(() => {
    const rows = namedUnfinished(ctx, principal, target.jobs);
    const wish = { by: principal.user, graceMs: target.graceMs };
    const queued = endQueued(
      ctx,
      rows.filter((row) => row.state === "queued"),
      wish.by,
    );
    const ended = new Map(queued.map((row) => [row.id, row]));
    return rows.map((row) => {
      const end = ended.get(row.id);
      return end === undefined ? askToEnd(ctx, row, wish) : announceRow(ctx, end);
    });
  });
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

/** Ends queued jobs and tells nobody; answers their rows as they are then. Call it inside a write. */
export function endQueued(
  { db, clock }: Pick<QueueContext, "db" | "clock">,
  rows: readonly JobRow[],
  by: string,
): readonly JobRow[] {
  if (rows.length === 0) return [];
  const at = clock.now();
  const outcome = JSON.stringify(outcomeOfQueued(by));
  const ids = rows.map(({ id }) => id);
  markCancelled(db, ids, { at, outcome });
  return rows.map((row) => ({
    ...row,
    state: "cancelled" as const,
    ended_at: at,
    eligible_at: null,
    outcome,
  }));
}

/** Asks a started job to end. Call it inside a write. */
export function askToEnd(ctx: QueueContext, row: JobRow, { by, graceMs }: CancelWish): Job {
  const { db, news } = ctx;
  markCancelling(db, row.id, by);
  const attempt = { jobId: row.id, attempt: row.attempt };
  db.afterCommit(() => news.publish({ kind: "cancel-requested", attempt, graceMs }));
  return announceJob(ctx, row.id);
}
