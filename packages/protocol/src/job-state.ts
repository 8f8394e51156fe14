// The states of a job, the moves between them, and the words for why a queued job waits.

/** Every state of a job, in the order in which a job passes through them. */
export const JOB_STATES = [
  "queued",
  "starting",
  "running",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
  "timed-out",
  "lost",
] as const;

/** The word for a state. */
export type JobState = (typeof JOB_STATES)[number];

/** The states a job never leaves. */
export const FINAL_STATES = ["succeeded", "failed", "cancelled", "timed-out", "lost"] as const;

/** The word for a state that is never left. */
export type FinalState = (typeof FINAL_STATES)[number];

/**
 * Legal moves. Back to `queued` leads a requeue (a retry after a failed attempt). A job whose supervisor
 * could not be started moves from `starting` straight to its end.
 */
export const JOB_MOVES: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ["starting", "cancelled"],
  starting: ["running", "cancelling", "queued", ...FINAL_STATES],
  running: ["cancelling", "queued", ...FINAL_STATES],
  cancelling: ["cancelled", "lost"],
  succeeded: [],
  failed: [],
  cancelled: [],
  "timed-out": [],
  lost: [],
};

/** Whether a job may go from one state to the other. */
export function isLegalMove(from: JobState, to: JobState): boolean {
  return JOB_MOVES[from].includes(to);
}

/** Whether the state is one a job never leaves. */
export function isFinal(state: JobState): state is FinalState {
  return JOB_MOVES[state].length === 0;
}

/** Why a queued job does not start now. `begin-at`: its submitter asked for a later time. `disk`: it has no room for the job's files. */
export const WAIT_REASONS = [
  "resources",
  "held",
  "begin-at",
  "retry-at",
  "drained",
  "quota",
  "disk",
] as const;

/** The word for why a job waits. */
export type WaitReason = (typeof WAIT_REASONS)[number];
