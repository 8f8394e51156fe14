// Calls that read and follow logs, and that end a subscription.
import { FetchmlError, isFinal } from "@fetchml/protocol";
import { findLog, readChunk, type AttemptLog } from "../attempt-log.ts";
import { startOffset, subscribeToLog } from "../follow-log.ts";
import type { Handlers } from "./handler.ts";

const DEFAULT_BYTES = 262_144;

/** Handlers of the calls that read and follow logs. */
export const logHandlers: Handlers<"log.read" | "log.subscribe" | "subscription.end"> = {
  "log.read": async (ctx, { principal }, params) => {
    const log = await findLog(ctx, principal, params);
    if (log.job.attempt < log.attempt) throw noLogYet(log);
    const offset = await startOffset(log, params);
    return readChunk(log, { offset, limitBytes: params.limit_bytes ?? DEFAULT_BYTES });
  },

  "log.subscribe": subscribeToLog,

  "subscription.end": async (_, { feed }, { subscription }) => ({
    ended: feed?.unsubscribe(subscription) ?? false,
  }),
};

function noLogYet({ job, attempt }: AttemptLog): FetchmlError {
  const message = isFinal(job.state)
    ? `Job ${job.id} (${job.name}) has no log: it was cancelled before it started.`
    : `Job ${job.id} (${job.name}) has no log of attempt ${attempt} yet: it has not started. "ml why ${job.id}" tells what it waits for.`;
  return new FetchmlError("log-not-found", message);
}
