// An attempt's folder that another data folder's server has begun: a copy of it, which the attempt to be started must not adopt.
import { randomUUID } from "node:crypto";
import { existsSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import { strayName } from "../../domain/stray-name.ts";
import { readSupervisor } from "./attempt-records.ts";
import { isHere } from "./boot.ts";

/** Whether its processes are of another boot, or of the data folder that this one is a copy of: the next look finds it lost. */
export function isElsewhere(control: string, place: string): boolean {
  const supervisor = readSupervisor(control);
  return supervisor !== null && !isHere(supervisor.place, place);
}

/**
 * Sets aside what was copied to where an attempt is about to start; call it before anything is made for that. A server that died
 * while it started the attempt has begun it in this place or not at all. The checkpoints go with a first attempt, since its own
 * are made after its folder.
 *
 * @throws the system's error when a folder cannot be renamed
 */
export function setForeignAside(dataDir: string, attempt: AttemptKey, place: string): void {
  const { root, control } = attemptFolder(dataDir, attempt);
  if (existsSync(root) && !isElsewhere(control, place)) return;
  setAside(root);
  if (attempt.attempt === 1) setAside(join(dataDir, "checkpoints", String(attempt.jobId)));
}

function setAside(path: string): void {
  if (!existsSync(path)) return;
  renameSync(path, join(dirname(path), strayName(basename(path), randomUUID().slice(0, 8))));
}
