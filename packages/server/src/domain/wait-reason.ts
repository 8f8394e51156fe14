// The one word for why a queued job does not start, from what is known of the job alone.
import type { WaitReason } from "@fetchml/protocol";

/**
 * The word shown for a queued job; `resources` where nothing but the box keeps it waiting.
 * @param at whether the box as a whole is out of service, and whether the disk has no room for the job; asked only where it matters
 */
export function waitReason(
  job: {
    readonly held: boolean;
    readonly eligible_at: number | null;
    readonly attempt: number;
    readonly outcome: unknown;
  },
  {
    now,
    isDrained,
    lacksRoom,
  }: { readonly now: number; readonly isDrained: boolean; readonly lacksRoom: () => boolean },
): WaitReason {
  if (job.held) return "held";
  if (job.eligible_at !== null && job.eligible_at > now) {
    if (job.attempt > 0) return "retry-at";
    // Its first attempt was given back.
    return job.outcome === null ? "begin-at" : "disk";
  }
  if (isDrained) return "drained";
  return lacksRoom() ? "disk" : "resources";
}
