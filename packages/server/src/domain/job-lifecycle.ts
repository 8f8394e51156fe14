// What becomes of a job when an attempt of it has ended.
import { finalStateOf, type FinalState, type Outcome } from "@fetchml/protocol";

/** What a job does after an attempt: it ends, or it waits in the queue for its next attempt. */
export type AfterAttempt =
  | { readonly kind: "ends"; readonly state: FinalState }
  | { readonly kind: "requeued"; readonly eligible_at: number };

/** Delay before the first retry; each further one waits twice as long. */
const FIRST_RETRY_DELAY_MS = 10_000;
const LONGEST_RETRY_DELAY_MS = 3_600_000;

/**
 * Decides what follows an attempt's outcome.
 * @param job the number of the attempt that ended (from 1), and how many retries the job may have in all.
 * @param now epoch milliseconds.
 */
export function afterAttempt(
  job: { readonly attempt: number; readonly retries: number },
  outcome: Outcome,
  now: number,
): AfterAttempt {
  if (isRetryable(outcome) && job.attempt <= job.retries) {
    return { kind: "requeued", eligible_at: now + retryDelayMs(job.attempt) };
  }
  return { kind: "ends", state: finalStateOf(outcome) };
}

/** How long a job waits after its n-th attempt, n from 1: 10 s, doubled each time, at most an hour. */
export function retryDelayMs(attempt: number): number {
  return Math.min(FIRST_RETRY_DELAY_MS * 2 ** (attempt - 1), LONGEST_RETRY_DELAY_MS);
}

function isRetryable(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case "exited":
      return outcome.exit_code !== 0;
    case "signalled":
    case "failed-to-start":
    case "host-oom":
    case "lost":
      return true;
    case "timed-out":
    case "cancelled":
    case "preempted":
    case "disk-full":
    case "no-output":
      return false;
  }
}
