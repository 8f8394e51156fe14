// How long the job of an attempt has written nothing, also before this server looked.
import { statSync } from "node:fs";
import { join } from "node:path";
import { awakeMs } from "../exec/libc.ts";
import { readJob, readSupervisor } from "./attempt-records.ts";
import { uptimeCentiseconds } from "./boot.ts";
import { readControl } from "./control-files.ts";

/** One attempt whose log is looked at again and again. */
export interface WatchedLog {
  readonly limitMs: number;
  /** What tells whether something came: sizes and times of the last writes. */
  seen: string;
  /** When that was seen to change last, by a clock that only runs on, in milliseconds. */
  grewAt: number;
}

/** The clocks of the box, in milliseconds. */
export interface BoxClocks {
  /** Since 1970, as files are dated; anybody may set it. */
  readonly wallMs: number;
  /** Since boot. */
  readonly uptimeMs: number;
  /** The part of that in which the machine was suspended. */
  readonly suspendedMs: number;
}

/**
 * Begins to watch. Time in which no server ran counts, because the log goes on without one: a job that was silent for all
 * of it is as silent as if one had looked.
 *
 * @param now by the clock of `grewAt`.
 * @param clocks of the box; missing: as they are.
 */
export function watchSilence(
  control: string,
  {
    limitMs,
    now,
    clocks,
  }: { readonly limitMs: number; readonly now: number; readonly clocks?: BoxClocks },
): WatchedLog {
  return { limitMs, seen: traceOf(control), grewAt: now - silenceBefore(control, clocks) };
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

/**
 * How long it has certainly been silent. What the clock was set by since the attempt began does not count, and no more does all the time
 * that this machine was ever suspended: both may lie in this silence, and a job that slept with its machine is not silent.
 */
function silenceBefore(control: string, clocks?: BoxClocks): number {
  const supervisor = readSupervisor(control);
  const begunAt = readControl(control, "supervisor")?.writtenAt;
  const job = readJob(control);
  if (supervisor === null || begunAt === undefined || job === null) return 0;
  const { wallMs, uptimeMs, suspendedMs } = clocks ?? boxClocks();
  const heardAt = filesOf(control).map((stats) => stats?.mtimeMs ?? 0);
  const silentMs = wallMs - Math.max(job.begunAt, ...heardAt);
  const setBy = Math.abs(wallMs - begunAt - (uptimeMs - supervisor.began * 10));
  return Math.max(0, silentMs - setBy - suspendedMs);
}

function boxClocks(): BoxClocks {
  const uptimeMs = uptimeCentiseconds() * 10;
  return { wallMs: Date.now(), uptimeMs, suspendedMs: suspendedOf(uptimeMs) };
}

function suspendedOf(uptimeMs: number): number {
  try {
    return Math.max(0, uptimeMs - awakeMs());
  } catch {
    // Nobody tells: it may have been suspended all the time.
    return uptimeMs;
  }
}

/** Where the log cannot grow, what the job writes is dropped, and `heard` tells of it. */
function traceOf(control: string): string {
  return filesOf(control)
    .map((stats) => `${stats?.size} ${stats?.mtimeMs}`)
    .join(" ");
}

function filesOf(control: string) {
  return ["log", "heard"].map((name) => statSync(join(control, name), { throwIfNoEntry: false }));
}
