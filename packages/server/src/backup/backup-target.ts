// The place of a backup file: what may stand there, and how the finished file gets there in one step.
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { FetchmlError } from "@fetchml/protocol";

/** Where a backup will be. */
export interface BackupTarget {
  /** Absolute, its folder without links. */
  readonly path: string;
  readonly folder: string;
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
}

/**
 * Looks at the place before anything is done.
 * @throws FetchmlError usage, bad-file (no such folder), conflict (something is there, or it lies in the data folder)
 */
export function backupTarget(
  file: string,
  { dataDir, force }: { readonly dataDir: string; readonly force: boolean },
): BackupTarget {
  if (file === "-") {
    throw new FetchmlError(
      "usage",
      "A backup is read again after it was written, so it cannot go to stdout. Name a file: fetchml backup FILE.",
    );
  }
  if (file === "") {
    throw new FetchmlError("usage", "A backup needs a name: fetchml backup FILE.");
  }
  const folder = folderOf(resolve(file));
  const inside = relative(realpathSync(dataDir), folder);
  if (inside === "" || (!inside.startsWith("..") && !inside.startsWith("/"))) {
    throw new FetchmlError(
      "conflict",
      `Will not write the backup into the data folder ${dataDir}: it would be lost with it.\nName a file elsewhere, best on another disk.`,
    );
  }
  const target = { path: join(folder, basename(file)), folder, force };
  refuseTaken(target);
  return target;
}

/** Puts the finished file there in one step; resolves when its name is durable. @throws FetchmlError conflict */
export function placeBackup(finished: string, target: BackupTarget): void {
  refuseTaken(target);
  if (target.force) renameSync(finished, target.path);
  else linkOrRename(finished, target.path);
  const folder = openSync(target.folder, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A link cannot replace what another has put there meanwhile; not every file system has links. */
function linkOrRename(finished: string, path: string): void {
  try {
    linkSync(finished, path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EEXIST") throw taken(path);
    renameSync(finished, path);
    return;
  }
  unlinkSync(finished);
}

function folderOf(path: string): string {
  try {
    const folder = realpathSync(dirname(path));
    if (statSync(folder).isDirectory()) return folder;
  } catch {
    // Said below.
  }
  throw new FetchmlError(
    "bad-file",
    `Cannot write the backup ${path}: there is no folder ${dirname(path)}. Make it, or name another file.`,
  );
}

function refuseTaken({ path, force }: BackupTarget): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || (force && found.isFile())) return;
  if (found.isFile()) throw taken(path);
  throw new FetchmlError(
    "conflict",
    `Cannot write the backup ${path}: what is there is no plain file. Name another file.`,
  );
}

function taken(path: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `There is a file ${path} already. Name another, or replace it with --force.`,
  );
}
