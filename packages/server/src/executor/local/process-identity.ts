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
  /** Pid of its parent; 0 for one that has none. */
  readonly parent: number;
}

/** Parses the text of `/proc/PID/stat`; `null` when it has not that form. The name may hold spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const pid = Number.parseInt(text, 10);
  const parent = Number(fields[1]);
  const processGroup = Number(fields[2]);
  const startTicks = Number(fields[19]);
  const state = fields[0];
  if (![pid, parent, processGroup, startTicks].every(Number.isInteger)) return null;
  return state === undefined || state === ""
    ? null
    : { pid, state, parent, processGroup, startTicks };
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

/** Each of these processes with all that descend from it, itself first. Looks at every process. */
export function findDescendants(pids: readonly number[]): ReadonlyMap<number, readonly number[]> {
  if (pids.length === 0) return new Map();
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const found = findProcess(pid);
    if (found === null) continue;
    const siblings = children.get(found.parent);
    if (siblings === undefined) children.set(found.parent, [pid]);
    else siblings.push(pid);
  }
  const familyOf = (pid: number): number[] => {
    const family = [pid];
    // It grows while it is gone through; what is read of a changing table may seem to go in a circle.
    const seen = new Set(family);
    for (const member of family) {
      for (const child of children.get(member) ?? []) {
        if (!seen.has(child)) family.push(child);
        seen.add(child);
      }
    }
    return family;
  };
  return new Map(pids.map((pid) => [pid, familyOf(pid)]));
}

/** The most memory that a living process has had at a time since it began its program, in bytes; 0 when it is gone. */
export function peakBytesOf(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kib ?? 0) * 1024;
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
