// What the server tells a connection without being asked: the hello, and news on subscriptions.
import * as z from "zod/mini";
import { Job } from "./job.ts";
import { LogChunk } from "./log-chunk.ts";
import { Outcome } from "./outcome.ts";

/** Notifications by method name. */
export const NOTIFICATIONS = {
  hello: {
    summary: "First frame of every WebSocket.",
    params: z.object({ protocol_version: z.int(), server_version: z.string() }),
  },
  "job.changed": {
    summary: "A job of the subscription has changed.",
    params: z.object({ subscription: z.int(), job: Job }),
  },
  "jobs.cancelled": {
    summary:
      "Many queued jobs of one user were cancelled together. A subscription to all jobs gets this in place of `job.changed` for each.",
    params: z.object({
      subscription: z.int(),
      ids: z.array(z.int()),
      user: z.string(),
      ended_at: z.int().check(z.gte(0)),
      outcome: Outcome,
    }),
  },
  "log.data": {
    summary: "The next piece of a followed log.",
    params: z.object({ subscription: z.int(), ...LogChunk.shape }),
  },
  "log.end": {
    summary:
      "The followed attempt has ended and all of its log was sent. The subscription is over.",
    params: z.object({ subscription: z.int(), job: Job, next_offset: z.int() }),
  },
} as const;

/** Name of a notification. */
export type NotificationName = keyof typeof NOTIFICATIONS;

/** What a notification carries. */
export type NotificationOf<N extends NotificationName> = z.infer<
  (typeof NOTIFICATIONS)[N]["params"]
>;
