// Tells a connection of changes of jobs.
import {
  FetchmlError,
  type Job,
  type NotificationOf,
  type ParamsOf,
  type ResultOf,
} from "@fetchml/protocol";
import type { QueueContext } from "../queue/context.ts";
import { listenToJobs } from "../queue/job-news.ts";
import { showJob } from "../queue/look.ts";
import type { NewsItem } from "../queue/news.ts";
import { shownJob } from "../queue/shown-job.ts";
import type { RpcContext } from "./context.ts";
import type { Caller } from "./handlers/handler.ts";
import type { Subscription } from "./subscriptions.ts";

/**
 * Subscribes to changes of the jobs named, or of all. The answer holds the named ones as they are; no change after that is
 * missed, and one that came with it may be told twice.
 * @throws FetchmlError job-not-found, quota-exceeded, invalid-request (no WebSocket)
 */
export async function subscribeToJobs(
  ctx: RpcContext,
  { principal, feed }: Caller,
  params: ParamsOf<"job.subscribe">,
): Promise<ResultOf<"job.subscribe">> {
  if (feed === null) throw needsWebSocket("job.subscribe");
  const named = await Promise.all(
    (params.jobs ?? []).map((ref) => showJob(ctx.queue, principal, ref)),
  );
  const wanted = params.jobs === undefined ? null : new Set(named.map(({ id }) => id));
  const { number: subscription } = feed.subscribe((number, outlet) =>
    followJobs(ctx.queue, wanted, {
      changed: (job) =>
        outlet.notify("job.changed", { subscription: number, job: shownJob(principal, job) }),
      cancelled: (some) => outlet.notify("jobs.cancelled", { subscription: number, ...some }),
    }),
  );
  try {
    // Read once more: the follower listens now, so nothing falls between this answer and the first change told.
    const ids = wanted === null ? [] : [...wanted];
    const jobs = await Promise.all(ids.map((id) => showJob(ctx.queue, principal, String(id))));
    return { subscription, jobs: jobs.map(publicPart) };
  } catch (error) {
    feed.unsubscribe(subscription);
    throw error;
  }
}

/** What is said to a subscribing call that came without a connection. */
export function needsWebSocket(method: string): FetchmlError {
  return new FetchmlError(
    "invalid-request",
    `${method} sends news, which needs a WebSocket: connect to /ws and call it there.`,
  );
}

/** What a follower of jobs is told. */
interface Told {
  changed(job: Job): void;
  cancelled(some: CancelledJobs): void;
}

type CancelledJobs = Omit<NotificationOf<"jobs.cancelled">, "subscription">;

/** Of jobs that are named each change is told, of all jobs the cancel of many in one piece. */
function followJobs(
  queue: QueueContext,
  wanted: ReadonlySet<number> | null,
  told: Told,
): Subscription {
  let early: (() => void)[] | null = [];
  const tell = (say: () => void): void => {
    if (early === null) say();
    else early.push(say);
  };
  const stop =
    wanted === null
      ? queue.news.listen((item) => {
          if (item.kind === "job-changed") tell(() => told.changed(item.job));
          if (item.kind === "jobs-cancelled") tell(() => told.cancelled(cancelledJobs(item)));
        })
      : listenToJobs(queue, wanted, (job) => tell(() => told.changed(job)));
  return {
    start: () => {
      const held = early ?? [];
      early = null;
      for (const say of held) say();
    },
    drained: () => undefined,
    stop: () => {
      early = [];
      stop();
    },
  };
}

function cancelledJobs({
  ids,
  user,
  outcome,
  endedAt,
}: Extract<NewsItem, { readonly kind: "jobs-cancelled" }>): CancelledJobs {
  return { ids: [...ids], user, ended_at: endedAt, outcome };
}

function publicPart(detail: Awaited<ReturnType<typeof showJob>>): Job {
  const { attempts: _, private: __, removed: ___, ...job } = detail;
  return job;
}
