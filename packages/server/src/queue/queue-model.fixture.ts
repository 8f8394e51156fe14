// A small model of the queue, and acts that a test does at random on the model and on the real queue at once.
import { expect } from "bun:test";
import { isFinal, type FinalState, type JobState, type SubmitParams } from "@fetchml/protocol";
import * as fc from "fast-check";
import type { AttemptEnd } from "../domain/attempt-end.ts";
import { retryDelayMs } from "../domain/job-lifecycle.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { cancelJobs } from "./cancel.ts";
import { claimJobs } from "./claim.ts";
import { editJob } from "./edit.ts";
import { holdJob } from "./hold.ts";
import type { TestQueue } from "./queue.fixture.ts";
import { recordEnd, recordRunning } from "./record-attempt.ts";

/** What the model knows of a job. */
export interface ModelJob {
  readonly id: number;
  readonly owner: KeyHolder;
  readonly retries: number;
  readonly state: JobState;
  readonly attempt: number;
  readonly held: boolean;
  readonly eligibleAt: number | null;
}

/** Every job there ever was, in the order of the ids. */
export type Model = ModelJob[];

/** The real queue and its users. */
export interface Real {
  readonly queue: TestQueue;
  readonly users: readonly KeyHolder[];
}

type Act = fc.AsyncCommand<Model, Real>;

/** What a job needs of a box of four CPUs, four bytes and two GPUs. */
const anyNeeds = fc.record({
  cpus: fc.integer({ min: 1, max: 4 }),
  mem_bytes: fc.nat(4),
  gpus: fc.nat(2),
});

const WHICH = fc.nat(1000);

const anyEnd = fc.constantFrom<AttemptEnd>(
  { kind: "exited", exit_code: 0 },
  { kind: "exited", exit_code: 1 },
  { kind: "signalled", signal: "SIGKILL" },
  { kind: "timed-out", timeout_ms: 1000 },
  { kind: "cancelled", exit_code: 143 },
  { kind: "lost", message: "gone" },
);

const anySubmit = fc
  .record({
    user: fc.nat(1),
    resources: anyNeeds,
    hold: fc.constantFrom(false, false, false, true),
    retries: fc.nat(2),
    delayMs: fc.constantFrom(null, null, null, 10_000),
  })
  .map(submit);

/** Any acts in any order; submits come most often, and acts on a job are left out while there is none. */
export const anyActs = fc.commands<Model, Real, false>(
  [
    anySubmit,
    anySubmit,
    anySubmit,
    anySubmit,
    fc.constant(null).map(claim),
    fc.constant(null).map(claim),
    WHICH.map(run),
    WHICH.map(run),
    fc.tuple(WHICH, anyEnd).map(([which, end]) => endAttempt(which, end)),
    fc.tuple(WHICH, anyEnd).map(([which, end]) => endAttempt(which, end)),
    fc.tuple(WHICH, anyEnd).map(([which, end]) => endEarlierAttempt(which, end)),
    WHICH.map(cancel),
    fc.tuple(WHICH, fc.boolean()).map(([which, held]) => hold(which, held)),
    fc.tuple(WHICH, anyNeeds).map(([which, resources]) => edit(which, resources)),
    fc.constantFrom(1000, 15_000).map(advance),
  ],
  { maxCommands: 100, size: "max" },
);

function submit({
  user,
  delayMs,
  ...params
}: Pick<SubmitParams, "resources" | "hold" | "retries"> & {
  readonly user: number;
  readonly delayMs: number | null;
}): Act {
  return act(`submit(${JSON.stringify({ user, delayMs, ...params })})`, async (model, real) => {
    const owner = real.users[user] ?? expect.unreachable();
    const eligibleAt = delayMs === null ? null : real.queue.clock.now() + delayMs;
    const { id } = await real.queue.submit(owner, { ...params, begin_at: eligibleAt });
    expect(id).toBe(model.length + 1);
    const { retries, hold: held } = params;
    model.push({ id, owner, retries, state: "queued", attempt: 0, held, eligibleAt });
  });
}

function claim(): Act {
  return act("claim()", async (model, { queue }) => {
    const [claimed, again] = await Promise.all([claimJobs(queue), claimJobs(queue)]);
    expect(again).toEqual([]);
    for (const { jobId, attempt } of claimed) {
      const job = model[jobId - 1] ?? expect.unreachable();
      expect(job).toMatchObject({ state: "queued", held: false, attempt: attempt - 1 });
      expect(job.eligibleAt ?? 0).toBeLessThanOrEqual(queue.clock.now());
      model[jobId - 1] = { ...job, state: "starting", attempt, eligibleAt: null };
    }
  });
}

function run(which: number): Act {
  return actOn(which, "run", async (job, { queue }) => {
    await recordRunning(queue, { jobId: job.id, attempt: job.attempt });
    return job.state === "starting" ? { state: "running" } : {};
  });
}

function endAttempt(which: number, outcome: AttemptEnd): Act {
  return actOn(which, `end ${JSON.stringify(outcome)} of`, async (job, { queue }) => {
    const endedAt = queue.clock.now();
    await recordEnd(queue, { jobId: job.id, attempt: job.attempt }, { outcome, endedAt });
    if (job.state === "queued" || isFinal(job.state)) return {};
    if (job.state === "cancelling")
      return { state: outcome.kind === "lost" ? "lost" : "cancelled" };
    const { state, isRetried } = expectedEnd(outcome);
    if (!isRetried || job.attempt > job.retries) return { state };
    return { state: "queued", eligibleAt: endedAt + retryDelayMs(job.attempt, 0) };
  });
}

function expectedEnd(outcome: AttemptEnd): {
  readonly state: FinalState;
  readonly isRetried: boolean;
} {
  switch (outcome.kind) {
    case "exited":
      return outcome.exit_code === 0
        ? { state: "succeeded", isRetried: false }
        : { state: "failed", isRetried: true };
    case "lost":
      return { state: "lost", isRetried: true };
    case "timed-out":
    case "cancelled":
      return { state: outcome.kind, isRetried: false };
    case "disk-full":
    case "no-output":
      return { state: "failed", isRetried: false };
    case "setup":
    case "failed-to-start":
      return { state: "failed", isRetried: false };
    case "signalled":
    case "host-oom":
      return { state: "failed", isRetried: true };
  }
}

function endEarlierAttempt(which: number, outcome: AttemptEnd): Act {
  return actOn(which, "end too late", async (job, { queue }) => {
    const endedAt = queue.clock.now();
    await recordEnd(queue, { jobId: job.id, attempt: job.attempt - 1 }, { outcome, endedAt });
    return {};
  });
}

function cancel(which: number): Act {
  return actOn(which, "cancel", async (job, { queue }) => {
    const cancelled = cancelJobs(queue, job.owner, { jobs: [String(job.id)], graceMs: 0 });
    const fault = await rejectionOf(cancelled);
    expect(fault === undefined).toBe(!isFinal(job.state));
    if (isFinal(job.state)) return {};
    return job.state === "queued"
      ? { state: "cancelled", eligibleAt: null }
      : { state: "cancelling" };
  });
}

function hold(which: number, held: boolean): Act {
  return actOn(which, held ? "hold" : "release", async (job, { queue }) => {
    const fault = await rejectionOf(holdJob(queue, job.owner, { ref: String(job.id), held }));
    expect(fault === undefined).toBe(job.state === "queued");
    return job.state === "queued" ? { held } : {};
  });
}

function edit(which: number, resources: SubmitParams["resources"]): Act {
  return actOn(which, `edit ${JSON.stringify(resources)} of`, async (job, { queue }) => {
    const edited = editJob(queue, job.owner, { job: String(job.id), ...resources, first: true });
    expect((await rejectionOf(edited)) === undefined).toBe(job.state === "queued");
    return {};
  });
}

function advance(ms: number): Act {
  return act(`advance(${ms})`, async (_, { queue }) => queue.clock.advance(ms));
}

function act(name: string, work: (model: Model, real: Real) => Promise<void>): Act {
  return { check: () => true, run: work, toString: () => name };
}

/** An act on one job, mostly a started one; `work` answers how it changes what the model knows of it. */
function actOn(
  which: number,
  name: string,
  work: (job: ModelJob, real: Real) => Promise<Partial<ModelJob>>,
): Act {
  return {
    check: (model) => model.length > 0,
    run: async (model, real) => {
      const unfinished = model.filter(({ state }) => !isFinal(state));
      const started = unfinished.filter(({ state }) => state !== "queued");
      const wished = [model, unfinished, started, started][which % 4] ?? model;
      const some = wished.length > 0 ? wished : model;
      const job = some[Math.floor(which / 4) % some.length] ?? expect.unreachable();
      model[job.id - 1] = { ...job, ...(await work(job, real)) };
    },
    toString: () => `${name} ${which}`,
  };
}
