// The warning that a running job is silent, before it is ended for it.
import { formatDuration, type Job } from "@fetchml/protocol";
import type { RpcContext } from "./context.ts";

/** How long a job has written nothing, and for how long it may. */
export interface Silence {
  readonly silent_ms: number;
  readonly limit_ms: number;
}

/** The silence of a running job, once half of what it may has passed; else `null`. */
export function silenceOf({ box }: Pick<RpcContext, "box">, job: Job): Silence | null {
  if (job.state !== "running") return null;
  const found = box.silence?.({ jobId: job.id, attempt: job.attempt }) ?? null;
  return found === null ? null : { silent_ms: found.silentMs, limit_ms: found.limitMs };
}

/** The warning as a sentence. */
export function silenceLine({ silent_ms, limit_ms }: Silence): string {
  return `It has written nothing for ${formatDuration(silent_ms)}; when that has lasted ${formatDuration(limit_ms)} it is ended.`;
}
