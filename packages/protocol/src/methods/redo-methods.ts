// The method that queues a job anew.
import * as z from "zod/mini";
import { GitState, JobRef, KernelText, Resources } from "../job.ts";
import { JobPosition, SubmitParams } from "./job-methods.ts";
import type { Method } from "./method.ts";

/** Which job to queue anew, and what of it is to be different; what is left out stays as it was. */
export const RedoParams = z.object({
  job: JobRef,
  /** Appended to the words of its command. */
  args: z.optional(z.array(KernelText).check(z.maxLength(4096))),
  /** Beside the variables of the job; a name that it has gets the value from here. */
  env: z.optional(SubmitParams.shape.env),
  gpus: z.optional(Resources.shape.gpus),
  cpus: z.optional(Resources.shape.cpus),
  mem_bytes: z.optional(Resources.shape.mem_bytes),
  timeout_ms: z.optional(SubmitParams.shape.timeout_ms),
  no_output_ms: SubmitParams.shape.no_output_ms,
  retries: z.optional(SubmitParams.shape.retries),
  /** Not before this time; epoch milliseconds. That of the job itself does not count again. */
  begin_at: z.optional(SubmitParams.shape.begin_at),
  /** Beside those of the job. */
  mounts: SubmitParams.shape.mounts,
  /** Beside those of the job; all of them are the caller's own. */
  secrets: SubmitParams.shape.secrets,
  hold: z.optional(z.boolean()),
  /** Another snapshot, whose files this user has sent. */
  snapshot: z.optional(SubmitParams.shape.snapshot),
  /** Where the project of that other snapshot stood in Git. */
  git: z.optional(z.nullable(GitState)),
  /** What runs before the command, in the place of the job's own; with another snapshot its project may want another. */
  setup: SubmitParams.shape.setup,
  /** As in `job.submit`, whose words it shares. */
  submission: SubmitParams.shape.submission,
});

export type RedoParams = z.infer<typeof RedoParams>;

/** Doing a job again. */
export const redoMethods = {
  "job.redo": {
    summary: "Queue a new job like an earlier one, from the same snapshot unless told otherwise.",
    access: "member",
    params: RedoParams,
    result: JobPosition,
  },
} as const satisfies Record<string, Method>;
