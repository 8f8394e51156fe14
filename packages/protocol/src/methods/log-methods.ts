// Methods that read and follow logs, and that end a subscription.
import * as z from "zod/mini";
import { Job, JobRef } from "../job.ts";
import { LogChunk } from "../log-chunk.ts";
import type { Method } from "./method.ts";

const attempt = z.optional(z.int().check(z.gte(1)));

/** Logs and subscriptions. */
export const logMethods = {
  "log.read": {
    summary: "Read a piece of a job's log.",
    access: "viewer",
    params: z.object({
      job: JobRef,
      /** Default: the newest. */
      attempt,
      /** First byte; default 0. Not together with `tail_lines`. */
      offset: z.optional(z.int().check(z.gte(0))),
      /** Start so that at most this many last lines follow. */
      tail_lines: z.optional(z.int().check(z.gte(0))),
      /** At most this many bytes, up to 1 MiB. Default 256 KiB. */
      limit_bytes: z.optional(z.int().check(z.gte(1), z.lte(1_048_576))),
    }),
    result: LogChunk,
  },
  "log.subscribe": {
    summary:
      "Follow a job's log: `log.data` notifications, then one `log.end` when the attempt has ended.",
    access: "viewer",
    params: z.object({
      job: JobRef,
      attempt,
      offset: z.optional(z.int().check(z.gte(0))),
      tail_lines: z.optional(z.int().check(z.gte(0))),
    }),
    result: z.object({ subscription: z.int(), job: Job, attempt: z.int(), offset: z.int() }),
  },
  "subscription.end": {
    summary: "End a subscription of this connection.",
    access: "viewer",
    params: z.object({ subscription: z.int() }),
    result: z.object({ ended: z.boolean() }),
  },
} as const satisfies Record<string, Method>;
