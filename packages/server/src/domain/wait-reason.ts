// The one word for why a queued job does not start, from what is known of the job alone.
import type { WaitReason } from "@fetchml/protocol";

/** The word shown for a queued job; `resources` where nothing but the box keeps it waiting. */
export function waitReason(
  job: { readonly held: boolean; readonly eligible_at: number | null; readonly attempt: number },
  now: number,
): WaitReason {
  if (job.held) return "held";
  if (job.eligible_at !== null && job.eligible_at > now) {
    return job.attempt > 0 ? "retry-at" : "begin-at";
  }
  return "resources";
}
