// Answers the call that subscribes to a log.
import { FetchmlError, type Job, type ParamsOf, type ResultOf } from "@fetchml/protocol";
import { offsetOfLastLines } from "../logs/last-lines.ts";
import { listenToJobs } from "../queue/job-news.ts";
import { shownJob } from "../queue/shown-job.ts";
import { findLog, type AttemptLog } from "./attempt-log.ts";
import type { RpcContext } from "./context.ts";
import { needsWebSocket } from "./follow-jobs.ts";
import type { Caller } from "./handlers/handler.ts";
import { LogFollower } from "./log-follower.ts";

/**
 * Subscribes to a log. A log that has not begun is waited for.
 * @throws FetchmlError job-not-found, log-not-found, invalid-params, quota-exceeded, invalid-request (no WebSocket)
 */
export async function subscribeToLog(
  ctx: RpcContext,
  { principal, feed }: Caller,
  params: ParamsOf<"log.subscribe">,
): Promise<ResultOf<"log.subscribe">> {
  if (feed === null) throw needsWebSocket("log.subscribe");
  const log = await findLog(ctx, principal, params);
  const offset = await startOffset(log, params);
  const shown = (each: Job) => shownJob(principal, each);
  const { number, subscription } = feed.subscribe((newNumber, outlet) => {
    const end = () => feed.unsubscribe(newNumber);
    const listen = (tell: (job: Job) => void) =>
      listenToJobs(ctx.queue, new Set([log.job.id]), tell);
    return new LogFollower({ log, offset, number: newNumber, outlet, listen, shown, end });
  });
  // Looked at again now that the follower listens: an end between the first look and this one is not missed.
  const { job } = await findLog(ctx, principal, { job: String(log.job.id), attempt: log.attempt });
  subscription.jobIs(job);
  return { subscription: number, job, attempt: log.attempt, offset };
}

/**
 * The offset at which a reading begins: the one named, or that of the last lines, or 0.
 * @throws FetchmlError invalid-params (both are named)
 */
export async function startOffset(
  log: AttemptLog,
  {
    offset,
    tail_lines,
  }: { readonly offset?: number | undefined; readonly tail_lines?: number | undefined },
): Promise<number> {
  if (tail_lines === undefined) return offset ?? 0;
  if (offset === undefined) return offsetOfLastLines(log.path, tail_lines);
  throw new FetchmlError("invalid-params", '"offset" and "tail_lines" do not go together.');
}
