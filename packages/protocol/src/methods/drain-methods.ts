// Methods that take the box or a GPU out of service; only the admin on the box may call them.
import * as z from "zod/mini";
import type { Method } from "./method.ts";

/** A GPU by its UUID; left out: the whole box. */
const Target = z.object({ gpu: z.optional(z.string().check(z.minLength(1), z.maxLength(128))) });

const Drained = z.object({
  /** Whether the box as a whole starts nothing new. */
  box: z.boolean(),
  /** UUIDs of the GPUs that are given to no job. */
  gpus: z.array(z.string()),
  /** Jobs that are starting, running or being cancelled; they go on. */
  running: z.int(),
});

/** Out of service, and back. */
export const drainMethods = {
  "server.drain": {
    summary: "Start nothing new on the box, or give a GPU to no job; what runs goes on.",
    access: "local",
    params: Target,
    result: Drained,
  },
  "server.resume": {
    summary: "Start jobs again, or give a GPU to jobs again.",
    access: "local",
    params: Target,
    result: Drained,
  },
} as const satisfies Record<string, Method>;
