// The running boot of the machine: its id, and time that no change of the clock moves.
import { readFileSync } from "node:fs";

/** Random id of this boot; a process of another boot is gone for certain. */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
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
