// Ends every process that has to do with a folder, and removes the folder: for peers that end slowly, and for a bench that is stopped.
import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { cgroupsOf, removeCgroups } from "./left-cgroups.ts";

/** How long killed processes may take to go. */
const PATIENCE_MS = 10_000;

/** Kills the processes of a folder and returns when they are gone. Never this process itself. @throws Error when one stays 10 s */
export function endProcessesOf(folder: string): void {
  endAll(() => processesOf(folder));
}

/** Ends whatever this process has started and what has to do with a folder, then removes that. Nothing of the event loop is needed. */
export function leaveNothing(folder: string): void {
  endAll(() => [...processesOf(folder), ...withDescendants([process.pid])]);
  removeCgroups(cgroupsOf(folder));
  rmSync(folder, { recursive: true, force: true });
}

/** What works in a folder, names it or has it in its environment, and what descends from that: jobs that have left their parents too. */
export function processesOf(folder: string): readonly number[] {
  return withDescendants(pids().filter((pid) => hasToDoWith(pid, folder)));
}

function endAll(found: () => readonly number[]): void {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = found().filter((pid) => pid !== process.pid);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`processes stay: ${left.join(" ")}`);
    for (const pid of left) kill(pid);
    Bun.sleepSync(5);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has gone meanwhile.
  }
}

function pids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Zombies count as gone: they have neither words nor environment. */
function hasToDoWith(pid: number, folder: string): boolean {
  const text = `${textOf(pid, "cmdline")}\0${textOf(pid, "environ")}`;
  return text.includes(folder) || isIn(pid, folder);
}

function isIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}

function textOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}

/** Those processes, and all that live and descend from them. */
function withDescendants(roots: readonly number[]): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of pids()) {
    const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(textOf(pid, "stat")) ?? [];
    if (state === undefined || state === "Z") continue;
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), pid]);
  }
  const found = new Set(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found];
}
