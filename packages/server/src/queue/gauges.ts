// The numbers of the queue that change with every job, for those who watch the server.
import { countQueued, countWaiting } from "../store/jobs-queue.ts";
import { drained } from "../store/drains.ts";
import type { QueueContext } from "./context.ts";
import { freeOf, jobsAlive } from "./usage.ts";

/** What is so now. */
export interface QueueGauges {
  /** Queued jobs, held ones apart. */
  readonly waiting: number;
  readonly held: number;
  /** Started jobs that have not ended. */
  readonly alive: number;
  readonly cpusFree: number;
  readonly memFreeBytes: number;
  /** UUIDs of GPUs that jobs have. */
  readonly busyGpus: ReadonlySet<string>;
  /** UUIDs of GPUs that are out of service. */
  readonly drainedGpus: ReadonlySet<string>;
}

/** Reads them. Costs the same for any length of the queue. */
export function readGauges({ db, totals, gpuUse }: QueueContext): Promise<QueueGauges> {
  return db.read(() => {
    const alive = jobsAlive(db);
    const out = drained(db);
    const free = freeOf(totals, { alive, drained: out, others: gpuUse?.() });
    const waiting = countWaiting(db);
    return {
      waiting,
      held: countQueued(db) - waiting,
      alive: alive.length,
      cpusFree: free.cpus,
      memFreeBytes: free.mem_bytes,
      busyGpus: new Set(alive.flatMap((job) => job.gpu_uuids)),
      drainedGpus: out.gpuUuids,
    };
  });
}
