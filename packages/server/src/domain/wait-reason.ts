// The one word for why a queued job does not start, from what is known of the job alone.
import type { WaitReason } from "@fetchml/protocol";

/**
 * The word shown for a queued job; `resources` where nothing but the box keeps it waiting.
 * @param isDrained whether the box as a whole is out of service
 */
export function waitReason(
  job: { readonly held: boolean; readonly eligible_at: number | null; readonly attempt: number },
  { now, isDrained }: { readonly now: number; readonly isDrained: boolean },
): WaitReason {
  if (job.held) return "held";
  if (job.eligible_at !== null && job.eligible_at > now) {
    return job.attempt > 0 ? "retry-at" : "begin-at";
  }
  return isDrained ? "drained" : "resources";
}
