// An attempt and an executor under test: how a test makes one, watches it and waits for it.
import { expect } from "bun:test";
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import { DEFAULT_GUARDS, limitsOf } from "../domain/guard-rules.ts";
import type { Executor, Observation } from "./executor.ts";

/** An implementation under test, with a fresh place to work in. */
export interface ConformanceSubject {
  readonly executor: Executor;
  /** Another instance over the same place, as after a restart of the server; the subject closes it too. */
  another(): Executor;
  /** The log of an attempt as it stands. */
  log(attempt: AttemptKey): Promise<string>;
  /** Ends what still runs, and removes the place. */
  close(): Promise<void>;
}

/** How long a test waits for what must come. A machine that is only computed is slow. */
const PATIENCE_MS = process.env["FETCHML_CGROUP_VM"] === "tcg" ? 120_000 : 20_000;

/** An attempt of a small job; every field may be replaced. */
export function attemptSpec(fields: Partial<AttemptSpec> = {}): AttemptSpec {
  return {
    jobId: 12,
    attempt: 2,
    jobName: "digits",
    user: "alice",
    userId: 1,
    command: { argv: ["true"] },
    cwd: "",
    env: {},
    snapshot: null,
    gpuUuids: [],
    mounts: [],
    secrets: [],
    setup: null,
    timeoutMs: null,
    memBytes: 0,
    cpus: 1,
    limits: limitsOf(null, DEFAULT_GUARDS),
    resume: false,
    ...fields,
  };
}

/** The spec of a job that runs a line of shell. */
export function shellSpec(shell: string, fields: Partial<AttemptSpec> = {}): AttemptSpec {
  return attemptSpec({ command: { shell, args: [] }, ...fields });
}

/**
 * Waits until the condition gives something other than `null`, `undefined` or `false`.
 *
 * @throws Error that names what did not come.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await condition();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not come`);
    await Bun.sleep(2);
  }
}

/** What the executor says of one attempt. */
export async function observeOne(executor: Executor, attempt: AttemptKey): Promise<Observation> {
  const [observation] = await executor.observe([attempt]);
  if (observation === undefined) throw new Error("observe() answered nothing");
  return observation;
}

/** Waits for the end of an attempt. */
export function ended(executor: Executor, attempt: AttemptKey) {
  return waitFor("the end", async () => {
    const observation = await observeOne(executor, attempt);
    return observation.kind === "ended" ? observation : null;
  });
}

/** Waits until an attempt runs and its log holds the words, which it prints when it is ready. */
export async function ready(
  subject: ConformanceSubject,
  attempt: AttemptKey,
  words = "ready",
): Promise<void> {
  await waitFor(`"${words}" in the log`, async () => (await subject.log(attempt)).includes(words));
  expect(await observeOne(subject.executor, attempt)).toMatchObject({ kind: "running" });
}
