// One run at a time writes the code of a job into a folder: the place for what is not whole yet says whose it is.
import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A folder that only this run writes to, until it is closed. */
export interface ClaimedTarget {
  /** Absolute path of a folder of this run for what is not whole yet, on the same disk. */
  readonly staging: string;
  /** Removes what is not whole, and lets others write. Complete on return, safe twice. */
  close(): void;
}

/**
 * Claims a folder for this run. Each run makes a folder that is named for it; whose folder gets the name `claim` by a rename has
 * the target. That one is never empty, so that no other rename replaces it. What dead runs have left is removed.
 *
 * @param root absolute path, in the folder to be claimed, that is used for this alone; it need not be there
 * @returns the number of the process that has claimed it, where one has
 * @throws the system's error when nothing can be made there
 */
export function claimTarget(root: string): ClaimedTarget | number {
  const owner = `${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const claim = join(root, CLAIM);
  const close = (): void => {
    rmSync(join(root, owner), { recursive: true, force: true });
    rmSync(join(claim, owner), { recursive: true, force: true });
    living.delete(owner);
    removeIfEmpty(claim);
    removeIfEmpty(root);
  };
  living.add(owner);
  try {
    for (;;) {
      removeDead(root);
      const holder = namesIn(claim)[0];
      if (holder !== undefined) {
        close();
        return Number.parseInt(holder, 10);
      }
      if (hasTaken(claim, join(root, owner), owner)) return { staging: join(claim, owner), close };
    }
  } catch (error) {
    close();
    throw error;
  }
}

const CLAIM = "claim";

/** The claims of this very process: by its number alone they are not to be told from those of a dead one that had it before. */
const living = new Set<string>();

const OWNER = /^[1-9]\d{0,9}-[0-9a-f]{8}$/;

/** False when another run was quicker. */
function hasTaken(claim: string, own: string, owner: string): boolean {
  try {
    mkdirSync(join(own, owner), { recursive: true, mode: 0o700 });
    renameSync(own, claim);
    return true;
  } catch (error) {
    // What the others have done is looked at anew. Windows has another word for a place that is taken.
    if (["ENOENT", "ENOTEMPTY", "EEXIST"].includes(codeOf(error))) return false;
    if (namesIn(claim).length > 0) return false;
    throw error;
  }
}

/** Removes by their names, each of which is given once: so never what a living run has put into the same place meanwhile. */
function removeDead(root: string): void {
  const claim = join(root, CLAIM);
  for (const place of [root, claim]) {
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(place);
    for (const name of namesIn(place)) {
      if (place === root && name === CLAIM) continue;
      if (!isLiving(name)) rmSync(join(place, name), { recursive: true, force: true });
    }
  }
  removeIfEmpty(claim);
}

function isLiving(name: string): boolean {
  if (!OWNER.test(name)) return false;
  const pid = Number.parseInt(name, 10);
  if (pid === process.pid) return living.has(name);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another run is at work in it, or has just removed it.
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
