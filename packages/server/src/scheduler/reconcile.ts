// Makes the store and the executor agree, after a restart and from time to time.
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import type { Executor, Observation } from "../executor/executor.ts";
import { aliveAttempts, type AliveAttempt, isToBeStarted } from "../queue/alive-attempts.ts";
import { CANCEL_GRACE_MS } from "../queue/cancel.ts";
import { attemptSpec } from "../queue/claim.ts";
import type { QueueContext } from "../queue/context.ts";
import type { Log } from "../telemetry/log.ts";
import { settle } from "./settle.ts";

/** What both sides are asked with. */
export interface ReconcileOptions {
  readonly queue: QueueContext;
  readonly executor: Executor;
  readonly log: Log;
  /** Whether this process is starting the attempt right now. */
  readonly isBeingStarted: (attempt: AttemptKey) => boolean;
  /** Starts it again, which counts as being started. */
  readonly start: (spec: AttemptSpec) => Promise<void>;
}

/**
 * Looks at every attempt that the store believes alive. It is recorded as the executor finds it; a claim whose start got lost
 * is started again, which ends in one run; a cancel is pressed again.
 */
export async function reconcile(options: ReconcileOptions): Promise<void> {
  const believed = await aliveAttempts(options.queue);
  const seen = await settle(options, believed);
  await Promise.all(
    believed.map((attempt, index) =>
      mend(options, attempt, seen[index] ?? { kind: "unknown", why: "not observed" }),
    ),
  );
}

/**
 * Gives adopted attempts the wall time that the store has for them: an edit may have been answered by a server that died before it
 * told the executor.
 */
export async function keepTimeLimits({
  queue,
  executor,
}: Pick<ReconcileOptions, "queue" | "executor">): Promise<void> {
  const running = (await aliveAttempts(queue)).filter(({ state }) => state === "running");
  await Promise.all(running.map((attempt) => executor.setTimeout(attempt, attempt.timeoutMs)));
}

/** Ends what the executor finds alive although the store knows its end, or does not know it at all. */
export async function endStrays({
  queue,
  executor,
  log,
}: Pick<ReconcileOptions, "queue" | "executor" | "log">): Promise<void> {
  // Asked first: what is claimed after it cannot look like a stray.
  const living = await executor.alive();
  const believed = new Set((await aliveAttempts(queue)).map(nameOf));
  for (const attempt of living) {
    if (believed.has(nameOf(attempt))) continue;
    log.warn("stray-attempt", { attempt: nameOf(attempt), next: "ending it" });
    await executor.cancel(attempt, CANCEL_GRACE_MS);
  }
}

/** `12.2`, as the attempt's folder is called. */
export function nameOf({ jobId, attempt }: AttemptKey): string {
  return `${jobId}.${attempt}`;
}

async function mend(
  options: ReconcileOptions,
  attempt: AliveAttempt,
  observation: Observation,
): Promise<void> {
  const { queue, executor, log, isBeingStarted, start } = options;
  if (isBeingStarted(attempt) || observation.kind === "ended") return;
  if (observation.kind === "unknown") {
    log.warn("attempt-unknown", {
      attempt: nameOf(attempt),
      state: attempt.state,
      why: observation.why,
    });
    if (attempt.state === "running") return;
    // What was read before the look at the executor may be over: it was given back meanwhile, or cancelled.
    if (isToBeStarted(queue, attempt)) await start(attemptSpec(queue, attempt));
  }
  if (attempt.state === "cancelling") await executor.cancel(attempt, CANCEL_GRACE_MS);
}
