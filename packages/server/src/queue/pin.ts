// Pins jobs, so that nothing that is left of them is removed, and lets them go again.
import { FetchmlError, type Job } from "@fetchml/protocol";
import { mayControl, type Principal } from "../domain/principal.ts";
import { setPinned } from "../store/jobs-write.ts";
import type { QueueContext } from "./context.ts";
import { findJob } from "./find-job.ts";
import { announceJob } from "./news.ts";

/**
 * Pins a job in whatever state, or unpins it. A name means the newest job of that name. Doing it twice changes nothing.
 * @throws FetchmlError job-not-found, not-allowed
 */
export function pinJob(
  ctx: QueueContext,
  principal: Principal,
  change: { readonly ref: string; readonly pinned: boolean },
): Promise<Job> {
  return ctx.db.write(() => {
    const { row } = findJob(ctx, principal, change.ref);
    if (!mayControl(principal, row.user_id)) {
      throw new FetchmlError(
        "not-allowed",
        `Job ${row.id} belongs to ${row.user}: only ${row.user} and admins may ${change.pinned ? "pin" : "unpin"} it.`,
      );
    }
    setPinned(ctx.db, row.id, change.pinned ? ctx.clock.now() : null);
    return announceJob(ctx, row.id);
  });
}
