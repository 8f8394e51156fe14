// When the next job that waits for its time may start.
import { nextEligibleAt } from "../store/jobs-queue.ts";
import type { QueueContext } from "./context.ts";

/** Epoch milliseconds, after now; `null` when no job waits for its time. */
export function nextStartTime({ db, clock }: QueueContext): Promise<number | null> {
  return db.read(() => nextEligibleAt(db, clock.now()));
}
