// The attempts that the store believes alive.
import type { JobState } from "@fetchml/protocol";
import type { AttemptKey } from "../domain/attempt-key.ts";
import { aliveJobs, jobById } from "../store/jobs-read.ts";
import type { QueueContext } from "./context.ts";

/** An attempt that was claimed and whose end is not recorded. */
export interface AliveAttempt extends AttemptKey {
  readonly state: JobState;
  /** Wall time from its start; `null`: none. */
  readonly timeoutMs: number | null;
}

/** All of them, oldest job first. */
export function aliveAttempts({ db }: QueueContext): Promise<readonly AliveAttempt[]> {
  return db.read(() =>
    aliveJobs(db).map((row) => ({
      jobId: row.id,
      attempt: row.attempt,
      state: row.state,
      timeoutMs: row.timeout_ms,
    })),
  );
}

/** Whether the store has it, at this moment, as claimed and not begun: it may have been given back since it was read. */
export function isToBeStarted({ db }: QueueContext, { jobId, attempt }: AttemptKey): boolean {
  const row = jobById(db, jobId);
  return row !== null && row.attempt === attempt && row.state === "starting";
}
