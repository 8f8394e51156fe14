// What of the box is taken and free, as the store knows it.
import type { GpuUse } from "../domain/gpu-use.ts";
import type { FreeResources } from "../domain/pick-next.ts";
import { gpusOfAttempt } from "../store/attempts.ts";
import type { Database } from "../store/database.ts";
import { drained, type Drained } from "../store/drains.ts";
import type { JobRow } from "../store/job-row.ts";
import { aliveJobs } from "../store/jobs-read.ts";
import type { QueueContext, Totals } from "./context.ts";

/** A started job with the GPUs it has. */
export interface AliveJob {
  readonly row: JobRow;
  readonly gpu_uuids: readonly string[];
}

/** The jobs that hold something of the box now, oldest first. */
export function jobsAlive(db: Database): readonly AliveJob[] {
  return aliveJobs(db).map((row) => ({
    row,
    gpu_uuids: row.gpus === 0 ? [] : gpusOfAttempt(db, row.id, row.attempt),
  }));
}

/** What is left of the box beside these jobs and what is out of service or used by others; never below zero. */
export function freeOf(
  totals: Totals,
  {
    alive,
    drained: out,
    others,
  }: {
    readonly alive: readonly AliveJob[];
    readonly drained: Drained;
    /** GPUs that processes outside FetchML use. */
    readonly others: GpuUse | undefined;
  },
): FreeResources {
  if (out.box) return { cpus: 0, mem_bytes: 0, gpu_uuids: [] };
  const taken = new Set(alive.flatMap((job) => job.gpu_uuids));
  return {
    cpus: Math.max(
      0,
      alive.reduce((rest, { row }) => rest - row.cpus, totals.cpus),
    ),
    mem_bytes: Math.max(
      0,
      alive.reduce((rest, { row }) => rest - row.mem_bytes, totals.mem_bytes),
    ),
    gpu_uuids: totals.gpu_uuids.filter(
      (uuid) => !taken.has(uuid) && !out.gpuUuids.has(uuid) && others?.has(uuid) !== true,
    ),
  };
}

/** What is free now. */
export function freeNow({ db, totals, gpuUse }: QueueContext): FreeResources {
  return freeOf(totals, { alive: jobsAlive(db), drained: drained(db), others: gpuUse?.() });
}
