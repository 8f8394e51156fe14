// Methods that keep a job from being removed, and that remove what nobody needs.
import * as z from "zod/mini";
import { Job, JobRef } from "../job.ts";
import { GcReport } from "../retention.ts";
import type { Method } from "./method.ts";

/** Keeping and removing. */
export const retentionMethods = {
  "job.pin": {
    summary: "Keep all that is left of a job until it is unpinned.",
    access: "member",
    params: z.object({ job: JobRef }),
    result: Job,
  },
  "job.unpin": {
    summary: "Let what a job left be removed when its time has come.",
    access: "member",
    params: z.object({ job: JobRef }),
    result: Job,
  },
  "gc.start": {
    summary: "Begin to remove what nobody needs, or to find out what that would be.",
    access: "local",
    params: z.object({
      /** Only look. Default false. */
      dry_run: z.optional(z.boolean()),
    }),
    /** What `gc.show` asks by. */
    result: z.object({ run: z.int() }),
  },
  "gc.show": {
    summary: "Tell how far a collection is.",
    access: "local",
    params: z.object({ run: z.int() }),
    result: GcReport,
  },
} as const satisfies Record<string, Method>;
