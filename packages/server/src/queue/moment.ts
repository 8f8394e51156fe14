// What of this moment decides the word for why a job waits.
import type { Clock } from "../domain/clock.ts";
import { isBoxDrained } from "../store/drains.ts";
import type { Moment } from "../store/job-row.ts";
import { roomlessNow, type ProjectContext } from "./project-room.ts";

/** Of what a moment is told. */
export interface MomentContext extends ProjectContext {
  readonly clock: Clock;
}

/** The time, whether the box is out of service, and for which jobs the disk has no room. */
export function momentOf(ctx: MomentContext, isDrained = isBoxDrained(ctx.db)): Moment {
  const roomless = roomlessNow(ctx);
  return {
    now: ctx.clock.now(),
    isDrained,
    lacksRoom: (jobId) => ctx.room.isShort() || roomless(jobId) !== null,
  };
}
