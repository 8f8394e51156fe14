// No job starves: pickNext() asked again and again while jobs end and others keep coming.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyNeeds, gpuNames, queuedJob } from "./pick-next.fixture.ts";
import { neverFits, pickNext, type QueuedJob } from "./pick-next.ts";

const TOTAL = { cpus: 4, mem_bytes: 4, gpus: 4 };
const LONGEST_STEPS = 3;

const fitting = anyNeeds.filter((needs) => neverFits(needs, TOTAL).length === 0);
const arrival = fc.record({ needs: fitting, steps: fc.integer({ min: 1, max: LONGEST_STEPS }) });

interface Arrival {
  readonly needs: Omit<QueuedJob, "id">;
  /** How long it will run. */
  readonly steps: number;
}

describe("pickNext(), asked again whenever jobs have ended,", () => {
  test("starts every job in time, whatever keeps coming behind it", () => {
    const running = fc.array(arrival, { maxLength: 4 });
    const coming = fc.array(fc.array(arrival, { maxLength: 3 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fitting, running, coming, (needs, before, after) => {
        expect(stepsUntilStart(needs, before, after)).toBeLessThanOrEqual(3 * LONGEST_STEPS);
      }),
      { numRuns: 2000 },
    );
  });

  test("starts a job that wants GPU and memory though others want one of them by turns", () => {
    const needsGpu = { needs: { cpus: 1, mem_bytes: 0, gpus: 4 }, steps: 2 };
    const needsMemory = { needs: { cpus: 1, mem_bytes: 4, gpus: 0 }, steps: 2 };
    const needsBoth = { cpus: 1, mem_bytes: 4, gpus: 4 };
    const coming = [[needsMemory], [needsGpu]];
    expect(stepsUntilStart(needsBoth, [needsGpu], coming)).toBe(2);
  });
});

/** How long a job waits that comes after those of `before` and ahead of all of `after`, which come a group a step, in turns. */
function stepsUntilStart(
  needs: Arrival["needs"],
  before: readonly Arrival[],
  after: readonly (readonly Arrival[])[],
): number {
  const box = new SmallBox();
  for (const arrived of before) box.enqueue(arrived);
  box.step(0);
  box.queue = [];
  const victim = box.enqueue({ needs, steps: 1 });
  for (let now = 1; now < 100; now += 1) {
    for (const arrived of after[now % after.length] ?? []) box.enqueue(arrived);
    if (box.step(now).includes(victim)) return now;
  }
  return Infinity;
}

class SmallBox {
  queue: (QueuedJob & { readonly steps: number })[] = [];
  #running: {
    readonly job: QueuedJob;
    readonly gpus: readonly string[];
    readonly until: number;
  }[] = [];
  #newest = 0;

  enqueue({ needs, steps }: Arrival): number {
    this.#newest += 1;
    this.queue.push({ ...queuedJob(this.#newest, needs), steps });
    return this.#newest;
  }

  /** Lets end what ends now and starts what may; answers the started ids. */
  step(now: number): readonly number[] {
    this.#running = this.#running.filter(({ until }) => until > now);
    const taken = new Set(this.#running.flatMap(({ gpus }) => gpus));
    const { starts } = pickNext(this.queue, {
      cpus: this.#running.reduce((left, { job }) => left - job.cpus, TOTAL.cpus),
      mem_bytes: this.#running.reduce((left, { job }) => left - job.mem_bytes, TOTAL.mem_bytes),
      gpu_uuids: gpuNames(TOTAL.gpus).filter((gpu) => !taken.has(gpu)),
    });
    for (const { id, gpu_uuids: gpus } of starts) {
      const job = this.queue.find((each) => each.id === id);
      if (job !== undefined) this.#running.push({ job, gpus, until: now + job.steps });
    }
    const started = starts.map(({ id }) => id);
    this.queue = this.queue.filter(({ id }) => !started.includes(id));
    return started;
  }
}
