// Finds the attempts that are alive on this box, whoever started them and whatever the store believes.
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import { isCgroupAlive } from "../cgroup/attempt-cgroup.ts";
import { isHere } from "./boot.ts";
import { readExit, readInit, readJob, readSupervisor } from "./attempt-records.ts";
import { isAlive } from "./process-identity.ts";
import { findSupervised } from "./supervisor-processes.ts";

/** After so many folders other work gets its turn. */
const FOLDERS_A_TURN = 200;

/**
 * Attempts with a living supervisor, found by its arguments even where its control file is not written yet, and those whose
 * job has outlived its supervisor.
 *
 * @param attempts folder that holds the attempts; it may be missing.
 * @param place of the data folder, as {@link isHere} knows it.
 */
export async function findAlive(attempts: string, place: string): Promise<readonly AttemptKey[]> {
  const controls = new Set(findSupervised(attempts));
  const names = await readdir(attempts).catch(() => []);
  for (const [index, name] of names.entries()) {
    if (index % FOLDERS_A_TURN === FOLDERS_A_TURN - 1) await Bun.sleep(0);
    const control = join(attempts, name, "control");
    if (isLeftAlive(control, place)) controls.add(control);
  }
  return [...controls].map(attemptOf).filter((attempt) => attempt !== null);
}

/** The attempt to which a control folder belongs; `null` when its name is of another form. */
export function attemptOf(control: string): AttemptKey | null {
  const match = /^([1-9]\d*)\.([1-9]\d*)$/.exec(basename(dirname(control)));
  return match === null ? null : { jobId: Number(match[1]), attempt: Number(match[2]) };
}

function isLeftAlive(control: string, place: string): boolean {
  if (readExit(control) !== null) return false;
  const supervisor = readSupervisor(control);
  if (supervisor === null || !isHere(supervisor.place, place)) return false;
  const job = readJob(control);
  const init = readInit(control);
  const processes = [supervisor, job, init];
  return (
    processes.some((process) => process !== null && isAlive(process)) || isCgroupAlive(control)
  );
}
