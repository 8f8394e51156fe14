// The cgroup of one attempt: made before its supervisor starts, gone when it has ended.
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { readControl, removeControl, writeControl } from "../local/control-files.ts";
import {
  type CgroupLimits,
  type CgroupRecord,
  formatCgroup,
  limitFiles,
  parseCgroup,
} from "./attempt-limits.ts";

/**
 * Makes the cgroup of an attempt, or takes the one that is there, sets its limits, and names it in the control folder.
 *
 * @param folder of the cgroup; the one above it hands out the controllers.
 * @throws FetchmlError box-unfit when the kernel refuses.
 */
export function makeAttemptCgroup(control: string, folder: string, limits: CgroupLimits): void {
  try {
    mkdirSync(folder, { recursive: true });
    setLimits({ folder, limits });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FetchmlError(
      "box-unfit",
      `Cannot hold the job to its limits: the cgroup ${folder} could not be made (${why}).`,
    );
  }
  writeControl(control, "cgroup", formatCgroup({ folder, limits }));
}

/**
 * Sets the limits of an attempt again, as after a restart of systemd's unit, which takes the controllers away. Nothing happens
 * where the attempt has no cgroup, or the kernel refuses.
 */
export function renewLimits(control: string): void {
  const record = readCgroup(control);
  if (record === null) return;
  try {
    setLimits(record);
  } catch {
    // It has ended meanwhile, or the server no longer has a cgroup of its own to divide.
  }
}

/** KILLs everything in the cgroup of an attempt, whatever its session; forks in progress are caught too. */
export function killCgroup(control: string): void {
  const record = readCgroup(control);
  if (record !== null) kill(record.folder);
}

/** Whether a process of an attempt is alive in its cgroup. Zombies do not count. */
export function isCgroupAlive(control: string): boolean {
  const record = readCgroup(control);
  return record !== null && isPopulated(record.folder);
}

/** The most memory that an attempt has used, in bytes; `null` where it has no cgroup or the kernel does not tell (before 5.19). */
export function peakOfCgroup(control: string): number | null {
  const record = readCgroup(control);
  if (record === null) return null;
  try {
    const text = readFileSync(join(record.folder, "memory.peak"), "utf8").trim();
    return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}

/** The folder of an attempt's cgroup; `null` where it has none, or no longer. */
export function cgroupOf(control: string): string | null {
  return readCgroup(control)?.folder ?? null;
}

/** Removes the cgroup of an attempt that has ended. One in which something is still dying is left for the next time. */
export function removeAttemptCgroup(control: string): void {
  const folder = cgroupOf(control);
  if (folder !== null && removeCgroup(folder)) removeControl(control, "cgroup");
}

/**
 * Ends what is in a cgroup, and removes it with those that a job has made in it.
 *
 * @returns whether it is gone.
 */
export function removeCgroup(folder: string): boolean {
  if (isPopulated(folder)) kill(folder);
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
    }
    rmdirSync(folder);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
}

function readCgroup(control: string): CgroupRecord | null {
  const line = readControl(control, "cgroup");
  return line === null ? null : parseCgroup(line.text);
}

function setLimits({ folder, limits }: CgroupRecord): void {
  for (const { name, text, isNeeded } of limitFiles(limits)) {
    try {
      writeFileSync(join(folder, name), text);
    } catch (error) {
      if (isNeeded) throw error;
    }
  }
}

function kill(folder: string): void {
  try {
    writeFileSync(join(folder, "cgroup.kill"), "1");
  } catch {
    // Gone, which is what was wanted.
  }
}

function isPopulated(folder: string): boolean {
  try {
    return readFileSync(join(folder, "cgroup.events"), "utf8").includes("populated 1");
  } catch {
    return false;
  }
}
