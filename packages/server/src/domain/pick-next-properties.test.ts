// Properties of pickNext() for every queue and every box.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyBox, anyQueue } from "./pick-next.fixture.ts";
import { neverFits, pickNext, type QueuedJob, type ResourceKind } from "./pick-next.ts";

const property = (check: (queue: readonly QueuedJob[], free: Box) => void) =>
  fc.assert(fc.property(anyQueue, anyBox, check), { numRuns: 1000 });

type Box = typeof anyBox extends fc.Arbitrary<infer Free> ? Free : never;

describe("pickNext(), whatever is queued and free,", () => {
  test("never gives out more than there is, and no GPU twice", () => {
    property((queue, free) => {
      const { starts } = pickNext(queue, free);
      const started = starts.map(({ id }) => jobOf(queue, id));
      expect(sum(started, "cpus")).toBeLessThanOrEqual(free.cpus);
      expect(sum(started, "mem_bytes")).toBeLessThanOrEqual(free.mem_bytes);
      const given = starts.flatMap(({ gpu_uuids }) => gpu_uuids);
      expect(new Set(given).size).toBe(given.length);
      for (const gpu of given) expect(free.gpu_uuids).toContain(gpu);
    });
  });

  test("gives each started job as many GPUs as it asked for", () => {
    property((queue, free) => {
      for (const { id, gpu_uuids } of pickNext(queue, free).starts) {
        expect(gpu_uuids).toHaveLength(jobOf(queue, id).gpus);
      }
    });
  });

  test("starts no job that uses what an older one waits for", () => {
    property((queue, free) => {
      const { starts, waits } = pickNext(queue, free, true);
      for (const wait of waits) {
        const younger = queue.slice(queue.indexOf(jobOf(queue, wait.id)) + 1);
        for (const start of starts.filter(({ id }) => younger.some((job) => job.id === id))) {
          for (const kind of wait.short_of) {
            expect(amount(jobOf(queue, start.id), kind)).toBe(0);
          }
        }
      }
    });
  });

  test("starts the oldest job when all it needs is free", () => {
    property((queue, free) => {
      const [oldest] = queue;
      if (oldest === undefined || neverFits(oldest, { ...free, gpus: free.gpu_uuids.length })[0])
        return;
      expect(pickNext(queue, free).starts[0]?.id).toBe(oldest.id);
    });
  });

  test("lets a job wait only for something short or behind an older job that waits", () => {
    property((queue, free) => {
      const { waits } = pickNext(queue, free, true);
      for (const [place, wait] of waits.entries()) {
        const older = waits.slice(0, place).map(({ id }) => id);
        if (wait.behind === null) expect(wait.short_of).not.toBeEmpty();
        else expect(older).toContain(wait.behind);
      }
    });
  });

  test("starts the same jobs whether or not it explains every one", () => {
    property((queue, free) => {
      const brief = pickNext(queue, free);
      const full = pickNext(queue, free, true);
      expect(brief.starts).toEqual(full.starts);
      expect(brief.waits).toEqual(full.waits.slice(0, brief.waits.length));
    });
  });

  test("starts or explains every job when asked to, each once, in the order of the queue", () => {
    property((queue, free) => {
      const { starts, waits } = pickNext(queue, free, true);
      const ids = queue.map(({ id }) => id);
      const byPlace = (a: number, b: number) => ids.indexOf(a) - ids.indexOf(b);
      expect([...starts, ...waits].map(({ id }) => id).toSorted(byPlace)).toEqual(ids);
      for (const told of [starts, waits]) {
        const order = told.map(({ id }) => id);
        expect(order).toEqual(order.toSorted(byPlace));
      }
    });
  });
});

function jobOf(queue: readonly QueuedJob[], id: number): QueuedJob {
  const job = queue.find((each) => each.id === id);
  if (job === undefined) throw new Error(`job ${id} is not in the queue`);
  return job;
}

function sum(jobs: readonly QueuedJob[], what: "cpus" | "mem_bytes"): number {
  return jobs.reduce((total, job) => total + job[what], 0);
}

function amount(job: QueuedJob, kind: ResourceKind): number {
  return { cpus: job.cpus, mem: job.mem_bytes, gpus: job.gpus }[kind];
}
