// What callers may see of jobs: one, many, and the queue's head.
import {
  FetchmlError,
  type Job,
  type JobDetail,
  type ParamsOf,
  type ResultOf,
} from "@fetchml/protocol";
import { maySeePrivate, type Principal } from "../domain/principal.ts";
import { attemptsOf } from "../store/attempts.ts";
import { drained, type Drained } from "../store/drains.ts";
import { jobOf, privateOf } from "../store/job-row.ts";
import { countQueued, queueHead } from "../store/jobs-queue.ts";
import { jobPrivate, listJobs } from "../store/jobs-read.ts";
import { userByName } from "../store/users.ts";
import type { QueueContext } from "./context.ts";
import { findJob } from "./find-job.ts";
import { momentOf } from "./moment.ts";
import { removedFilesOf } from "./removed-files.ts";
import { shownJob, shownOutcome } from "./shown-job.ts";
import { jobsAlive, type AliveJob } from "./usage.ts";

/**
 * One job with all that the caller may see.
 * @throws FetchmlError job-not-found
 */
export function showJob(ctx: QueueContext, principal: Principal, ref: string): Promise<JobDetail> {
  return ctx.db.read(() => {
    const { row } = findJob(ctx, principal, ref);
    const stored = maySeePrivate(principal, row.user_id) ? jobPrivate(ctx.db, row.id) : null;
    const removed = removedFilesOf(ctx.db, { id: row.id, snapshot: stored?.snapshot ?? null });
    return {
      ...shownJob(principal, jobOf(row, momentOf(ctx))),
      attempts: attemptsOf(ctx.db, row.id).map((attempt) => ({
        ...attempt,
        outcome: shownOutcome(principal, row.user, attempt.outcome),
      })),
      ...(stored !== null && { private: privateOf(stored) }),
      ...(removed !== null && { removed }),
    };
  });
}

/**
 * Jobs, newest first, a page at a time. Without a user the caller's own; the admin on the box has none and gets everyone's.
 * @throws FetchmlError user-not-found
 */
export function listPage(
  ctx: QueueContext,
  principal: Principal,
  params: ParamsOf<"job.list">,
): Promise<ResultOf<"job.list">> {
  return ctx.db.read(() => {
    const limit = params.limit ?? 100;
    const rows = listJobs(ctx.db, {
      userId: userFilter(ctx, principal, params),
      unfinishedOnly: params.all !== true && params.states === undefined,
      states: params.states ?? null,
      since: params.since ?? null,
      beforeId: params.before_id ?? null,
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const moment = momentOf(ctx);
    return {
      jobs: page.map((row) => shownJob(principal, jobOf(row, moment))),
      next_before_id: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  });
}

/** The jobs that are started, and the head of the queue. */
export interface QueueView {
  readonly alive: readonly AliveJob[];
  readonly running: readonly Job[];
  readonly queued: readonly Job[];
  readonly queuedCount: number;
  readonly drained: Drained;
}

/** How many queued jobs a view shows. */
const HEAD = 20;

/** The started jobs and the first queued ones. */
export function viewQueue(ctx: QueueContext): Promise<QueueView> {
  const { db } = ctx;
  return db.read(() => {
    const out = drained(db);
    const moment = momentOf(ctx, out.box);
    const alive = jobsAlive(db);
    return {
      alive,
      running: alive.map(({ row }) => jobOf(row, moment)),
      queued: queueHead(db, HEAD).map((row) => jobOf(row, moment)),
      queuedCount: countQueued(db),
      drained: out,
    };
  });
}

function userFilter(
  ctx: QueueContext,
  principal: Principal,
  params: ParamsOf<"job.list">,
): number | null {
  if (params.user !== undefined) {
    const user = userByName(ctx.db, params.user);
    if (user === null) throw new FetchmlError("user-not-found", `There is no user ${params.user}.`);
    return user.id;
  }
  return params.everyone === true || principal.kind === "local" ? null : principal.userId;
}
