// Brings what the executor sees of attempts into the store.
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { Executor, Observation } from "../executor/executor.ts";
import type { QueueContext } from "../queue/context.ts";
import { recordEnd, recordRunning } from "../queue/record-attempt.ts";

/** Observes attempts and records which run and which have ended; answers what was seen, in the same order. */
export async function settle(
  { queue, executor }: { readonly queue: QueueContext; readonly executor: Executor },
  attempts: readonly AttemptKey[],
): Promise<readonly Observation[]> {
  const seen = await executor.observe(attempts);
  await Promise.all(
    attempts.map(async (attempt, index) => {
      const observation = seen[index];
      if (observation !== undefined) await record(queue, attempt, observation);
    }),
  );
  return seen;
}

async function record(
  queue: QueueContext,
  attempt: AttemptKey,
  observation: Observation,
): Promise<void> {
  switch (observation.kind) {
    case "running":
      return recordRunning(queue, attempt);
    case "ended":
      return recordEnd(queue, attempt, observation);
    case "starting":
    case "unknown":
      return;
  }
}
