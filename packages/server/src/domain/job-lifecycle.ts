// What becomes of a job when an attempt of it has ended.
import { finalStateOf, type FinalState, type Outcome, type RetryCause } from "@fetchml/protocol";

/** What a job does after an attempt: it ends, or it waits in the queue for its next attempt. */
export type AfterAttempt =
  | { readonly kind: "ends"; readonly state: FinalState }
  | { readonly kind: "requeued"; readonly eligible_at: number };

/** Delay before the first retry; each further one waits twice as long. */
const FIRST_RETRY_DELAY_MS = 10_000;
const LONGEST_RETRY_DELAY_MS = 3_600_000;

/**
 * Decides what follows an attempt's outcome.
 * @param job the number of the attempt that ended (from 1), how many retries the job may have in all, and after which ends.
 * @param at epoch milliseconds, and a random number from 0 up to 1.
 */
export function afterAttempt(
  job: {
    readonly attempt: number;
    readonly retries: number;
    readonly retryOn: readonly RetryCause[];
  },
  outcome: Outcome,
  at: { readonly now: number; readonly random: number },
): AfterAttempt {
  const cause = causeOf(outcome);
  if (cause !== null && job.retryOn.includes(cause) && job.attempt <= job.retries) {
    return { kind: "requeued", eligible_at: at.now + retryDelayMs(job.attempt, at.random) };
  }
  return { kind: "ends", state: finalStateOf(outcome) };
}

/**
 * How long a job waits after its n-th attempt, n from 1: 10 s, doubled each time, at most an hour; of that the random number takes
 * up to a half away, so that jobs that failed together do not all come back together.
 */
export function retryDelayMs(attempt: number, random: number): number {
  const whole = Math.min(FIRST_RETRY_DELAY_MS * 2 ** (attempt - 1), LONGEST_RETRY_DELAY_MS);
  return Math.round(whole * (1 - random / 2));
}

function causeOf(outcome: Outcome): RetryCause | null {
  switch (outcome.kind) {
    case "exited":
      return outcome.exit_code === 0 ? null : "exited";
    case "signalled":
      return "exited";
    case "cancelled":
    case "preempted":
      return null;
    case "lost":
    case "host-oom":
    case "timed-out":
    case "no-output":
    case "disk-full":
    case "failed-to-start":
    case "setup":
      return outcome.kind;
  }
}
