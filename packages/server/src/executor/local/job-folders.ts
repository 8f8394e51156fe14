// The folders of an attempt: made whole or not at all, so that a start can be repeated after a crash at any point.
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import {
  attemptFolder,
  type AttemptFolder,
  UNFINISHED_PREFIX,
} from "../../domain/attempt-folder.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { giveAway, openWay, openWayTo, shareWithin } from "../sandbox/ownership.ts";
import type { JobOwner } from "../sandbox/sandbox-plan.ts";
import { noteNewHome } from "../setup/home-mark.ts";

/** Hands a snapshot's files into an empty folder; `null` leaves it empty. */
export type Checkout = (snapshot: string | null, folder: string) => Promise<void>;

/** The folders a job may write, all absolute. */
export interface JobFolders {
  readonly work: string;
  readonly outputs: string;
  readonly tmp: string;
  /** The same for all attempts of the job. */
  readonly checkpoints: string;
  /** The same for all jobs of the user. */
  readonly home: string;
}

/** Where the folders of an attempt's job are; nothing is created. */
export function jobFolders(dataDir: string, spec: AttemptSpec): JobFolders {
  const { work, outputs, tmp } = attemptFolder(dataDir, spec);
  return {
    work,
    outputs,
    tmp,
    checkpoints: join(dataDir, "checkpoints", String(spec.jobId)),
    home: join(dataDir, "homes", spec.user),
  };
}

/**
 * Makes the folders of an attempt, with its snapshot in `work`. The job's part is filled under another name and then renamed:
 * where `job` exists it is whole, and a supervisor that starts late never finds its files half copied. All but the copying
 * is synchronous: a folder takes 40 µs, a hop through the thread pool more.
 */
export async function makeJobFolders(
  dataDir: string,
  spec: AttemptSpec,
  { checkout, owner }: { readonly checkout: Checkout; readonly owner: JobOwner | null },
): Promise<void> {
  const folder = attemptFolder(dataDir, spec);
  const { checkpoints, home } = jobFolders(dataDir, spec);
  // Before all else: what it takes may be the room that this start lacks.
  await removeLeftovers(folder, { butOf: THIS_PROCESS });
  if (!isFolder(home)) noteNewHome(dataDir, spec.user);
  for (const path of [folder.control, checkpoints, home]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  if (owner !== null) {
    const ways = [dataDir, dirname(folder.root), dirname(checkpoints), dirname(home)];
    for (const path of ways) openWay(path);
    openWayTo(folder.root, owner);
    for (const path of [checkpoints, home]) {
      if (owner.isLasting) await giveAway(path, owner);
      else shareWithin(path, owner);
    }
  }
  if (isFolder(folder.job)) return;
  const unfinished = mkdtempSync(join(folder.root, THIS_PROCESS));
  try {
    for (const name of NAMES) mkdirSync(join(unfinished, name), 0o700);
    await checkout(spec.snapshot, join(unfinished, "work"));
    if (owner !== null) {
      openWay(unfinished);
      for (const name of NAMES) await giveAway(join(unfinished, name), owner);
    }
    renameSync(unfinished, folder.job);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another start of the same attempt was first; what it made is whole.
    if (!isFolder(folder.job)) throw error;
  }
  await removeLeftovers(folder, { butOf: null });
}

/**
 * The folder in which the command starts, with links followed, as the job sees it.
 *
 * @param work the project's folder, as it is found outside and as the job sees it.
 * @throws FetchmlError bad-project when it is missing, is no folder or leads out of the project.
 */
export function startFolder(
  work: { readonly outside: string; readonly inside: string },
  cwd: string,
): string {
  if (cwd === "") return work.inside;
  const root = realpathSync(work.outside);
  const found = followLinks(join(work.outside, cwd));
  const named = `Cannot start in folder ${JSON.stringify(cwd)}:`;
  if (found === null) {
    throw new FetchmlError(
      "bad-project",
      `${named} it is not in the snapshot.\nA folder without files that are sent is not kept; add a file to it.`,
    );
  }
  if (found !== root && !found.startsWith(root + sep)) {
    throw new FetchmlError("bad-project", `${named} it leads out of the project.`);
  }
  if (!isFolder(found)) {
    throw new FetchmlError("bad-project", `${named} it is not a folder.`);
  }
  return join(work.inside, relative(root, found));
}

const NAMES = ["work", "outputs", "tmp"] as const;

/** Begins the names of what this process fills. All else is of a server that has died: a data folder has one at a time. */
const THIS_PROCESS = `${UNFINISHED_PREFIX}${randomUUID().slice(0, 8)}-`;

/** Removes what a server that was killed while it copied has left; a folder that is not there has nothing. */
async function removeLeftovers(
  { root }: AttemptFolder,
  { butOf }: { readonly butOf: string | null },
): Promise<void> {
  if (!isFolder(root)) return;
  const leftovers = readdirSync(root).filter(
    (name) => name.startsWith(UNFINISHED_PREFIX) && (butOf === null || !name.startsWith(butOf)),
  );
  await Promise.all(
    leftovers.map((name) => rm(join(root, name), { recursive: true, force: true })),
  );
}

function followLinks(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
