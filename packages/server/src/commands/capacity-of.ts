// What the box may give to jobs: as the settings say, else as it is detected.
import type { Settings } from "../config/settings.ts";
import type { Capacity, GpuDevice } from "../executor/executor.ts";
import { detectCapacity } from "../executor/local/detect-capacity.ts";
import type { Log } from "../telemetry/log.ts";

/** The capacity of this box under these settings; what looks wrong is logged. */
export async function capacityOf(settings: Settings, log: Log): Promise<Capacity> {
  const { capacity, warnings } = await detectCapacity({
    ...(settings.cpus !== null && { cpus: settings.cpus }),
    ...(settings.memBytes !== null && { memBytes: settings.memBytes }),
  });
  for (const warning of warnings) log.warn("gpus", { warning });
  if (settings.gpus === null) return capacity;
  return { ...capacity, gpus: chosenGpus(settings.gpus, capacity.gpus, log) };
}

/** The listed GPUs; one that was not found is given out all the same, since the admin said so. */
function chosenGpus(
  uuids: readonly string[],
  found: readonly GpuDevice[],
  log: Log,
): readonly GpuDevice[] {
  return uuids.map((uuid, index) => {
    const device = found.find((each) => each.uuid === uuid);
    if (device !== undefined) return device;
    log.warn("gpu-not-found", { uuid, next: "it is given to jobs because the config lists it" });
    return { uuid, index, name: "unknown GPU", memoryBytes: 0 };
  });
}
