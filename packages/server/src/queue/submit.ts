// Puts a new job into the queue.
import { FetchmlError, type Job, type SubmitParams } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import { jobOf } from "../store/job-row.ts";
import { countAhead, countWaiting } from "../store/jobs-queue.ts";
import { jobOfSubmission } from "../store/jobs-read.ts";
import { insertJob } from "../store/jobs-write.ts";
import { holdsSnapshot } from "../store/snapshot-holders.ts";
import type { QueueContext } from "./context.ts";
import { refuseImpossible } from "./impossible-request.ts";
import { announceJob } from "./news.ts";

/** A job and how many stand before it. */
export interface Submitted {
  readonly job: Job;
  readonly ahead: number;
}

/**
 * Queues a job; resolves when it is durable.
 * @throws FetchmlError impossible-request, snapshot-missing, not-allowed
 */
export function submitJob(
  ctx: QueueContext,
  principal: Principal,
  params: SubmitParams,
): Promise<Submitted> {
  return ctx.db.write(() => {
    const { db, clock } = ctx;
    if (principal.kind === "local") {
      throw new FetchmlError(
        "not-allowed",
        "The box's own admin has no jobs: submit as a user, with that user's key.",
      );
    }
    if (params.submission !== undefined) {
      const earlier = jobOfSubmission(db, principal.userId, params.submission);
      if (earlier !== null) {
        return { job: jobOf(earlier, clock.now()), ahead: countAhead(db, earlier.queue_rank) };
      }
    }
    refuseImpossible(params.resources, ctx.totals);
    if (params.snapshot !== null && !holdsSnapshot(db, principal.userId, params.snapshot)) {
      throw new FetchmlError(
        "snapshot-missing",
        `The server does not have snapshot ${params.snapshot.slice(0, 12)} from ${principal.user} yet. Send it, then submit again.`,
      );
    }
    const now = clock.now();
    // It stands at the end, so all that wait stand before it.
    const ahead = countWaiting(db);
    const id = insertJob(db, {
      user_id: principal.userId,
      name: params.name,
      held: params.hold ? 1 : 0,
      ...params.resources,
      timeout_ms: params.timeout_ms,
      retries: params.retries,
      created_at: now,
      eligible_at: params.begin_at,
      command: JSON.stringify(params.command),
      cwd: params.cwd,
      env: JSON.stringify(params.env),
      snapshot: params.snapshot,
      submission: params.submission ?? null,
    });
    return { job: announceJob(ctx, id, now), ahead };
  });
}
