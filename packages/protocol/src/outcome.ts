// How an attempt ended: the schema and what follows from it.
import * as z from "zod/mini";

/**
 * How an attempt ended. `exited` keeps the number a shell reports, so a code above 128 may stand for a signal;
 * `signalled` is used only where the signal is known for sure. `setup`: what runs before the command has failed.
 */
export const Outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exited"), exit_code: z.int().check(z.gte(0), z.lte(255)) }),
  z.object({ kind: z.literal("signalled"), signal: z.string() }),
  z.object({ kind: z.literal("timed-out"), timeout_ms: z.int() }),
  z.object({ kind: z.literal("cancelled"), by: z.string(), exit_code: z.nullable(z.int()) }),
  z.object({ kind: z.literal("preempted"), by: z.string() }),
  z.object({ kind: z.literal("failed-to-start"), message: z.string() }),
  z.object({ kind: z.literal("setup"), exit_code: z.int().check(z.gte(0), z.lte(255)) }),
  z.object({
    kind: z.literal("host-oom"),
    /** The job's own limit; `null`: the box had no memory left. */
    limit_bytes: z.nullable(z.int()),
    /** The most that it used; missing where the kernel does not tell. */
    peak_bytes: z.optional(z.int()),
  }),
  z.object({
    kind: z.literal("disk-full"),
    /** `box`: its disk was full when the job failed; else the folder that held most of what the attempt had too much of. */
    path: z.string(),
    /** What its folders took, and what they may take; missing where the box's disk was full. */
    used_bytes: z.optional(z.int()),
    limit_bytes: z.optional(z.int()),
    /** Of its command, where that is known. */
    exit_code: z.optional(z.int()),
  }),
  z.object({ kind: z.literal("no-output"), silent_ms: z.int() }),
  z.object({ kind: z.literal("lost"), message: z.string() }),
]);

export type Outcome = z.infer<typeof Outcome>;
