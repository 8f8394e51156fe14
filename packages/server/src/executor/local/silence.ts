// How long the job of an attempt has written nothing.
import { statSync } from "node:fs";
import { join } from "node:path";

/** One attempt whose log is looked at again and again. */
export interface WatchedLog {
  readonly limitMs: number;
  /** What tells whether something came: sizes and times of the last writes. */
  seen: string;
  /** When that was seen to change last, by a clock that only runs on, in milliseconds. */
  grewAt: number;
}

/** Begins to watch: what came before is not known, so the silence begins now. */
export function watchSilence(control: string, limitMs: number, now: number): WatchedLog {
  return { limitMs, seen: traceOf(control), grewAt: now };
}

/** Looks again; answers how long it has been silent, in milliseconds. */
export function silenceOf(control: string, log: WatchedLog, now: number): number {
  const trace = traceOf(control);
  if (trace !== log.seen) {
    log.seen = trace;
    log.grewAt = now;
  }
  return now - log.grewAt;
}

/** Where the log cannot grow, what the job writes is dropped, and `heard` tells of it. */
function traceOf(control: string): string {
  const found = ["log", "heard"].map((name) =>
    statSync(join(control, name), { throwIfNoEntry: false }),
  );
  return found.map((stats) => `${stats?.size} ${stats?.mtimeMs}`).join(" ");
}
