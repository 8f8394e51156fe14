// Cancels all unfinished jobs of a user: the started ones and the first queued ones at once, the rest in slices.
import { FetchmlError, type Job } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import {
  aliveJobsOfUser,
  firstQueuedOfUser,
  lastUnfinished,
  openSweep,
} from "../store/cancel-sweeps.ts";
import { jobOf } from "../store/job-row.ts";
import { userByName, type UserRow } from "../store/users.ts";
import { askToEnd, endQueued, type CancelWish } from "./cancel.ts";
import { JOBS_A_SLICE, outcomeOfQueued } from "./cancel-sweeps.ts";
import type { QueueContext } from "./context.ts";
import { momentOf } from "./moment.ts";
import { announceCancelled } from "./news.ts";

/** What a cancel of all jobs has done. */
export interface CancelledAll {
  /** The started ones and the first queued ones, {@link JOBS_A_SLICE} of these at most. */
  readonly jobs: readonly Job[];
  /** How many there were in all. */
  readonly count: number;
}

/** A cancel of all jobs that is durable with the write in which it has begun. */
export interface CancelBegun extends CancelledAll {
  /** Resolves with how many there were in all, once the others are cancelled too; `null` when there are no others. */
  readonly others: Promise<number> | null;
}

/**
 * Cancels all of the caller's unfinished jobs; resolves when that is done. Jobs that are queued meanwhile stay. From its first write on
 * none of the others can start, and a restart goes on with them.
 * @throws FetchmlError not-allowed for the admin on the box, who has no jobs; shutting-down
 */
export async function cancelAllJobs(
  ctx: QueueContext,
  principal: Principal,
  { graceMs }: { readonly graceMs: number },
): Promise<CancelledAll> {
  if (principal.kind === "local") {
    throw new FetchmlError(
      "not-allowed",
      "The box's own admin has no jobs: name the jobs to cancel by id.",
    );
  }
  const owner = { id: principal.userId, name: principal.user };
  return ended(await ctx.db.write(() => beginCancel(ctx, owner, { by: principal.user, graceMs })));
}

/**
 * Begins to cancel all unfinished jobs of a user, for the admin on the box. Call it inside a write, and {@link ended} after it.
 * @throws FetchmlError user-not-found
 */
export function beginCancelOf(ctx: QueueContext, userName: string, wish: CancelWish): CancelBegun {
  const user = userByName(ctx.db, userName);
  if (user === null) {
    throw new FetchmlError(
      "user-not-found",
      `There is no user ${userName}. "fetchml user list" shows all.`,
    );
  }
  return beginCancel(ctx, user, wish);
}

/** Resolves when all are cancelled. @throws FetchmlError shutting-down, and the store's fault; what is left is done later */
export async function ended({ jobs, count, others }: CancelBegun): Promise<CancelledAll> {
  return { jobs, count: others === null ? count : await others };
}

function beginCancel(
  ctx: QueueContext,
  { id: userId, name }: Pick<UserRow, "id" | "name">,
  wish: CancelWish,
): CancelBegun {
  const { db, clock, sweeps } = ctx;
  const lastJob = lastUnfinished(db, userId);
  const alive = aliveJobsOfUser(db, userId).map((row) => askToEnd(ctx, row, wish));
  const first = endQueued(ctx, firstQueuedOfUser(db, userId, JOBS_A_SLICE), wish.by);
  if (first.length > 0) {
    announceCancelled(ctx, {
      user: name,
      ids: first.map(({ id }) => id),
      outcome: outcomeOfQueued(wish.by),
      endedAt: clock.now(),
    });
  }
  const moment = momentOf(ctx);
  const jobs = [...alive, ...first.map((row) => jobOf(row, moment))];
  if (first.length < JOBS_A_SLICE) return { jobs, count: jobs.length, others: null };
  openSweep(db, {
    user_id: userId,
    up_to_job: lastJob,
    asked_by: wish.by,
    asked_at: clock.now(),
    cancelled: jobs.length,
  });
  return { jobs, count: jobs.length, others: sweeps.whenDone(userId) };
}
