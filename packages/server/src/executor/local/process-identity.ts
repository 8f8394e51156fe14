// Which process is meant: a pid counts only together with its start time, and a zombie counts as dead.
import { readdirSync, readFileSync } from "node:fs";

/** A process as it is written into control files. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/PID/stat`: clock ticks from boot to its start. */
  readonly startTicks: number;
}

/** What `/proc/PID/stat` tells of a process; see proc(5). */
export interface ProcessStat extends ProcessIdentity {
  /** One letter; `Z` is a zombie. */
  readonly state: string;
  readonly processGroup: number;
}

/** Parses the text of `/proc/PID/stat`; `null` when it has not that form. The name may hold spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const pid = Number.parseInt(text, 10);
  const processGroup = Number(fields[2]);
  const startTicks = Number(fields[19]);
  const state = fields[0];
  if (!Number.isInteger(pid) || !Number.isInteger(processGroup) || !Number.isInteger(startTicks)) {
    return null;
  }
  return state === undefined || state === "" ? null : { pid, state, processGroup, startTicks };
}

/** The process that has this pid now and is not dead; `null` when there is none. */
export function findProcess(pid: number): ProcessStat | null {
  const text = readProc(`/proc/${pid}/stat`);
  const stat = text === null ? null : parseProcessStat(text);
  return stat === null || stat.state === "Z" || stat.state === "X" ? null : stat;
}

/** Whether exactly this process is alive. */
export function isAlive(identity: ProcessIdentity): boolean {
  return findProcess(identity.pid)?.startTicks === identity.startTicks;
}

/** Whether a process group has a member that is not a zombie. Looks at every process: for the rare case. */
export function isGroupAlive(processGroup: number): boolean {
  return allPids().some((pid) => findProcess(pid)?.processGroup === processGroup);
}

/** The account that a living process runs under; `null` when it is gone or dead. */
export function accountOfProcess(pid: number): number | null {
  const text = readProc(`/proc/${pid}/status`) ?? "";
  const uid = /^Uid:\t(\d+)/m.exec(text)?.[1];
  return uid === undefined || /^State:\t[ZX]/m.test(text) ? null : Number(uid);
}

/** Pids of all processes that this one may see. */
export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The arguments a process was started with; empty when it is gone or has none. */
export function argumentsOf(pid: number): string[] {
  return (readProc(`/proc/${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** Parses "PID START_TICKS ..."; `null` when it has not that form. */
export function parseIdentity(text: string): ProcessIdentity | null {
  const match = /^([1-9]\d{0,9}) (\d{1,15})(?: |$)/.exec(text);
  return match === null ? null : { pid: Number(match[1]), startTicks: Number(match[2]) };
}

/** Sends a signal to a process or, with a negative pid, to its group. A process that is gone is no error. */
export function sendSignal(pid: number, signal: "SIGTERM" | "SIGKILL" | "SIGUSR1"): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
