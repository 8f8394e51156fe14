// The data folder as commands find, create and check it.
import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { isHalfRestored } from "../backup/restore-target.ts";
import type { Settings } from "../config/settings.ts";

/** Path of the admin's socket in a data folder. */
export function socketPath(dataDir: string): string {
  return join(dataDir, "fetchml.sock");
}

/** Path of the snapshots in a data folder. */
export function snapshotsPath(dataDir: string): string {
  return join(dataDir, "snapshots");
}

/** Path of the users' secrets in a data folder. */
export function secretsPath(dataDir: string): string {
  return join(dataDir, "secrets");
}

/**
 * Makes the data folder for this server, or takes an existing one: mode 0700 (or 0711, where root has opened it
 * to the accounts of its jobs), owned by this account.
 * Answers what it mended, for the log.
 * @throws FetchmlError bad-file; conflict where a restore was cut off
 */
export function prepareDataFolder(dataDir: string): readonly string[] {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FetchmlError(
      "bad-file",
      `Cannot create the data folder ${dataDir}: ${error instanceof Error ? error.message : "unknown reason"}.\nName another with --data-dir.`,
      { cause: error },
    );
  }
  const stat = statSync(dataDir);
  if (!stat.isDirectory()) {
    throw new FetchmlError("bad-file", `${dataDir} is not a folder. Name another with --data-dir.`);
  }
  const uid = process.getuid?.() ?? 0;
  if (stat.uid !== uid) {
    throw new FetchmlError(
      "bad-file",
      `The data folder ${dataDir} belongs to another account (uid ${stat.uid}).\nRun the server as that account, or name another folder with --data-dir.`,
    );
  }
  if (isHalfRestored(dataDir)) {
    throw new FetchmlError(
      "conflict",
      `A restore into ${dataDir} was cut off, so there is only a part of a data folder.\nRun "fetchml restore FILE" again: it clears up what is there.`,
    );
  }
  // Root's is passed through by the accounts of its jobs, and read by none.
  if ((stat.mode & 0o077) === 0 || (uid === 0 && (stat.mode & 0o077) === 0o011)) return [];
  chmodSync(dataDir, 0o700);
  return [`${dataDir} was open to others; its mode is 0700 now`];
}

/**
 * Makes the folders of what is not in the database, 0700, so that a copy of them can be made before the first job has run.
 * Whatever stands under such a name is left, also a link to a disk that is not there yet.
 * @throws the system's error when one cannot be made
 */
export function makeJobsFolders(dataDir: string): void {
  for (const name of ["attempts", "checkpoints"]) {
    try {
      mkdirSync(join(dataDir, name), { mode: 0o700 });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

/**
 * Makes sure that there is a data folder to work on; creates nothing.
 * @throws FetchmlError data-folder-not-found; bad-file when this account may not look into it
 */
export function requireDataFolder({ dataDir, configPath }: Settings): void {
  if (existsSync(join(dataDir, "fetchml.db"))) return;
  if (isClosed(dataDir)) throw notYours(dataDir);
  const where = configPath === null ? "no config file names another" : `as ${configPath} says`;
  throw new FetchmlError(
    "data-folder-not-found",
    `There is no FetchML data folder at ${dataDir} (${where}).\nStart the server once with "fetchml serve", or name the folder with --data-dir.`,
  );
}

/**
 * Root works on a data folder as its owner, so that no file in it ends up belonging to root.
 * @throws FetchmlError bad-file when another account than root or the owner tries.
 */
export function becomeOwner(dataDir: string): void {
  const { uid, gid } = statSync(dataDir);
  const own = process.geteuid?.() ?? uid;
  if (own === uid) return;
  if (own !== 0) throw notYours(dataDir);
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

function notYours(dataDir: string): FetchmlError {
  return new FetchmlError(
    "bad-file",
    `The data folder ${dataDir} belongs to another account.\nRun this as that account or as root, with "sudo" in front.`,
  );
}

/** Whether this account is kept from seeing what is in a folder. */
function isClosed(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EACCES";
  }
}
