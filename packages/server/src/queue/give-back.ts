// Gives an attempt back to the queue of which nothing was begun, so that it holds nothing while it waits.
import type { Outcome } from "@fetchml/protocol";
import type { AttemptKey } from "../domain/attempt-key.ts";
import { removeAttempt } from "../store/attempts.ts";
import { markGivenBack } from "../store/jobs-write.ts";
import type { QueueContext } from "./context.ts";
import { announceJob } from "./news.ts";

/** Time until it is picked again: what is short may be so in a way that no look at the disk shows. */
const GIVEN_BACK_MS = 30_000;

/**
 * Makes its job wait as if it had not been claimed; its attempts and retries are as before. Nothing happens to one that is
 * cancelled meanwhile. Call it only when nothing of the attempt was begun, and nothing will be.
 * @param why shown for a job that has had no attempt
 */
export function giveBack(ctx: QueueContext, key: AttemptKey, why: string): Promise<void> {
  return ctx.db.write(() => {
    const { db, clock } = ctx;
    const outcome: Outcome = { kind: "failed-to-start", message: why };
    const eligible_at = clock.now() + GIVEN_BACK_MS;
    if (!markGivenBack(db, key, { eligible_at, outcome: JSON.stringify(outcome) })) return;
    removeAttempt(db, key);
    announceJob(ctx, key.jobId);
  });
}
