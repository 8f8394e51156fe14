// The method that tells what jobs have left behind. The files themselves travel over HTTP.
import * as z from "zod/mini";
import { JobRef } from "../job.ts";
import { AttemptOutputs } from "../output.ts";
import type { Method } from "./method.ts";

/** Outputs. */
export const outputMethods = {
  "output.list": {
    summary: "List what a job has left in `$ML_OUTPUT_DIR`: counts, and the first entries.",
    access: "viewer",
    params: z.object({
      job: JobRef,
      /** Default: all. */
      attempt: z.optional(z.int().check(z.gte(1))),
      /** At most so many entries in all, 0 to 1000. Default 100. `GET /jobs/JOB/outputs` lists every one. */
      limit: z.optional(z.int().check(z.gte(0), z.lte(1000))),
    }),
    /** Attempts that have left something or may still do so, newest first. */
    result: z.object({ job_id: z.int(), attempts: z.array(AttemptOutputs) }),
  },
} as const satisfies Record<string, Method>;
