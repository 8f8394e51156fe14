// The wall time of an attempt, as the watchdog reads it.
import { readSupervisor } from "./attempt-records.ts";
import { toCentiseconds, uptimeCentiseconds } from "./boot.ts";
import { removeControl, writeControl } from "./control-files.ts";

/**
 * Writes `control/deadline`: "DUE TIMEOUT_MS", DUE in centiseconds since boot, counted from the supervisor's start, or from now
 * when there is none yet. `null` removes it.
 */
export function writeDeadline(control: string, timeoutMs: number | null): void {
  if (timeoutMs === null) {
    removeControl(control, "deadline");
    return;
  }
  const began = readSupervisor(control)?.began ?? uptimeCentiseconds();
  writeControl(control, "deadline", `${began + toCentiseconds(timeoutMs)} ${timeoutMs}`);
}
