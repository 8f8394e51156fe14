// Holds and releases queued jobs.
import { FetchmlError, type Job } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import { setHeld } from "../store/jobs-write.ts";
import type { QueueContext } from "./context.ts";
import { findJobToChange } from "./find-job.ts";
import { announceJob } from "./news.ts";

/**
 * Holds a queued job, or releases it. Doing it twice changes nothing.
 * @throws FetchmlError job-not-found, ambiguous-job, not-allowed, conflict (it is no longer queued)
 */
export function holdJob(
  ctx: QueueContext,
  principal: Principal,
  change: { readonly ref: string; readonly held: boolean },
): Promise<Job> {
  return ctx.db.write(() => {
    const row = findJobToChange(ctx, principal, change.ref);
    if (!setHeld(ctx.db, row.id, change.held ? 1 : 0)) {
      const verb = change.held ? "held" : "released";
      throw new FetchmlError(
        "conflict",
        `Job ${row.id} (${row.name}) cannot be ${verb}: it is ${row.state}, and only a queued job can be.`,
      );
    }
    return announceJob(ctx, row.id);
  });
}
