// Jobs and boxes for tests of pickNext(), made by hand or at random.
import * as fc from "fast-check";
import type { FreeResources, QueuedJob } from "./pick-next.ts";

/** A queued job of one CPU, no memory, no GPU, but for what is said. */
export function queuedJob(id: number, needs: Partial<QueuedJob> = {}): QueuedJob {
  return { cpus: 1, mem_bytes: 0, gpus: 0, ...needs, id };
}

/** What is free: a box of eight CPUs, 100 bytes and GPUs A to D, but for what is said. */
export function freeBox(free: Partial<FreeResources> = {}): FreeResources {
  return { cpus: 8, mem_bytes: 100, gpu_uuids: ["A", "B", "C", "D"], ...free };
}

/** A box small enough that random jobs get into each other's way. */
export const anyBox: fc.Arbitrary<FreeResources> = fc
  .record({ cpus: fc.nat(4), mem_bytes: fc.nat(4), gpus: fc.nat(4) })
  .map(({ cpus, mem_bytes, gpus }) => ({ cpus, mem_bytes, gpu_uuids: gpuNames(gpus) }));

/** What random jobs ask for; some of it more than any random box has. */
export const anyNeeds = fc.record({
  cpus: fc.integer({ min: 1, max: 5 }),
  mem_bytes: fc.nat(5),
  gpus: fc.nat(5),
});

/** A queue of random jobs whose ids are not in the order of the queue. */
export const anyQueue: fc.Arbitrary<readonly QueuedJob[]> = fc
  .array(anyNeeds, { maxLength: 12 })
  .map((needs) => needs.map((each, place) => ({ ...each, id: 100 - place })));

/** Names of that many GPUs. */
export function gpuNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `GPU-${index}`);
}
