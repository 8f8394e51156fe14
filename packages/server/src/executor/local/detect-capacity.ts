// What this box can run at the same time: what the config says, else what the machine has.
import { availableParallelism, totalmem } from "node:os";
import type { Capacity, GpuDevice } from "../executor.ts";
import { findGpus } from "./gpus.ts";

/** What the admin's config says of the box; what it leaves out is detected. */
export interface CapacitySettings {
  readonly cpus?: number;
  readonly memBytes?: number;
  readonly gpus?: readonly GpuDevice[];
}

/**
 * Detects what the settings leave out: as many CPUs as this process may use, all memory that its container or box has, and
 * the GPUs of {@link findGpus}.
 */
export async function detectCapacity(
  settings: CapacitySettings,
): Promise<{ capacity: Capacity; warnings: readonly string[] }> {
  const search =
    settings.gpus === undefined ? await findGpus() : { gpus: settings.gpus, warnings: [] };
  return {
    capacity: {
      cpus: settings.cpus ?? availableParallelism(),
      memBytes: settings.memBytes ?? memoryLimit(),
      gpus: search.gpus,
    },
    warnings: search.warnings,
  };
}

/** A container's limit when there is one below the box's memory. */
function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
