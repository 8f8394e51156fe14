// The running boot of the machine: its id, and time that no change of the clock moves.
import { readFileSync, statSync } from "node:fs";

/** Random id of this boot; a process of another boot is gone for certain. */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/**
 * Where an attempt's processes are: the boot, and the data folder by its device and inode. A folder that was renamed is the same
 * one; a copy of it is another, and what its control folders name are the processes of the original.
 */
export function placeOf(dataDir: string): string {
  const { dev, ino } = statSync(dataDir, { bigint: true });
  return `${bootId()}@${dev}.${ino}`;
}

/** Whether a supervisor that has written down this place is here. Releases before this rule wrote the boot alone. */
export function isHere(written: string, place: string): boolean {
  return written === place || written === bootOf(place);
}

/** Whether a place is in the running boot. */
export function isThisBoot(written: string, place: string): boolean {
  return bootOf(written) === bootOf(place);
}

/** Time since boot in centiseconds, suspended time included: the unit of deadlines on disk. */
export function uptimeCentiseconds(): number {
  const seconds = Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
  return Math.round(seconds * 100);
}

/** Milliseconds as whole centiseconds, rounded up so that a deadline never falls early. */
export function toCentiseconds(ms: number): number {
  return Math.ceil(ms / 10);
}

function bootOf(place: string): string {
  return place.split("@", 1)[0] ?? place;
}
