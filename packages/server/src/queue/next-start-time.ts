// When it is worth another look for a job that may start.
import { countWaiting, nextEligibleAt } from "../store/jobs-queue.ts";
import type { QueueContext } from "./context.ts";
import { spareForProjects } from "./project-room.ts";

/** While jobs wait for room on the disk, of which nobody sends news. */
const ROOM_CHECK_MS = 5_000;

/** Epoch milliseconds, after now; `null` when no job waits for its time or for room on the disk. */
export function nextStartTime(ctx: QueueContext): Promise<number | null> {
  const { db, clock, room } = ctx;
  return db.read(() => {
    const now = clock.now();
    const eligibleAt = nextEligibleAt(db, now);
    if (countWaiting(db) === 0) return eligibleAt;
    if (!room.isShort() && spareForProjects(ctx) === null) return eligibleAt;
    return Math.min(now + ROOM_CHECK_MS, eligibleAt ?? Infinity);
  });
}
