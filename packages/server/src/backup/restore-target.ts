// The folder that a backup is restored into: claimed while it is empty, filled in one corner, and whole only at the very end.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { tryLockDataFolder, type DataFolderLock } from "../store/data-folder-lock.ts";
import { DATABASE } from "./member-names.ts";

/** Folder in a data folder in which a restore is under way, or was when it was killed. */
const CORNER = ".restoring";

/** In the corner: everything is there, and is being moved to its place. */
const PLACING = "placing";

/** What a restore puts into a data folder, in this order; with the last of it the folder is one. */
const PLACED = ["attempts", "secrets", "snapshots", "restored-config.toml", DATABASE];

/** What a file system puts into its own root. */
const OF_THE_DISK = new Set(["lost+found"]);

/** Whether a restore was cut off there: what lies in the folder is a part of a backup. */
export function isHalfRestored(dataDir: string): boolean {
  return existsSync(join(dataDir, CORNER)) && !existsSync(join(dataDir, DATABASE));
}

/** A data folder that nobody else can use meanwhile. */
export interface RestoreTarget {
  /** Where everything is written first. */
  readonly corner: string;
  /** Moves everything to its place and lets the folder go; durable on return. */
  place(): void;
  /** Removes what was written and lets the folder go. Nothing once it was placed. */
  abandon(): void;
}

/**
 * Claims a folder, which is made when missing, 0700. What a restore that was killed has left in it is removed.
 * @throws FetchmlError conflict (something is in it), data-folder-in-use (a server runs there), bad-file
 */
export function claimRestoreTarget(dataDir: string): RestoreTarget {
  const isNew = mkdirOwn(dataDir);
  refuseFilled(dataDir);
  const lock = lockOf(dataDir);
  try {
    refuseFilled(dataDir);
    removeLeftovers(dataDir);
    mkdirSync(join(dataDir, CORNER), { mode: 0o700 });
  } catch (error) {
    lock.close();
    throw error;
  }
  const corner = join(dataDir, CORNER);
  let isOver = false;
  return {
    corner,
    place: () => {
      writeFileSync(join(corner, PLACING), "");
      syncFolder(corner);
      syncFolder(dataDir);
      for (const name of PLACED) {
        if (name === DATABASE) syncFolder(dataDir);
        if (existsSync(join(corner, name))) renameSync(join(corner, name), join(dataDir, name));
      }
      syncFolder(dataDir);
      isOver = true;
      rmSync(corner, { recursive: true, force: true });
      lock.close();
    },
    abandon: () => {
      if (isOver) return;
      isOver = true;
      removeLeftovers(dataDir);
      lock.close();
      for (const name of LOCK) rmSync(join(dataDir, name), { force: true });
      if (isNew) rmdirSync(dataDir);
    },
  };
}

/** Answers whether the folder was made. */
function mkdirOwn(dataDir: string): boolean {
  try {
    const isNew = mkdirSync(dataDir, { recursive: true, mode: 0o700 }) !== undefined;
    if (statSync(dataDir).isDirectory()) return isNew;
  } catch (cause) {
    throw new FetchmlError(
      "bad-file",
      `Cannot make the folder ${dataDir}: ${cause instanceof Error ? cause.message : "unknown reason"}.\nName another with --data-dir.`,
      { cause },
    );
  }
  throw new FetchmlError("bad-file", `${dataDir} is not a folder. Name another with --data-dir.`);
}

function lockOf(dataDir: string): DataFolderLock {
  const lock = tryLockDataFolder(dataDir);
  if (lock !== null) return lock;
  throw new FetchmlError(
    "data-folder-in-use",
    `Will not restore into ${dataDir}: a server or another restore works there. Name an empty folder with --data-dir.`,
  );
}

function refuseFilled(dataDir: string): void {
  const names = readdirSync(dataDir).filter((name) => !OF_THE_DISK.has(name));
  const own = new Set(ownNames(dataDir));
  const other = names.find((name) => !own.has(name));
  if (other === undefined) return;
  throw new FetchmlError(
    "conflict",
    `Will not restore into ${dataDir}: it is not empty (${JSON.stringify(other)} is in it), and what is there would be mixed with the backup.\nStop the server if one runs there, move the folder away, or name an empty one with --data-dir.`,
  );
}

/** What the lock is made of. Whether somebody holds it, only an attempt to take it can tell. */
const LOCK = ["lock.db", "lock.db-journal"];

/** Names of what an earlier restore may have left. Only one that said so had begun to put things in their place. */
function ownNames(dataDir: string): readonly string[] {
  if (!isHalfRestored(dataDir)) return LOCK;
  const isPlacing = existsSync(join(dataDir, CORNER, PLACING));
  return [CORNER, ...LOCK, ...(isPlacing ? PLACED : [])];
}

/** Removes what a restore has put there; the corner last, which says that the rest is a restore's. */
function removeLeftovers(dataDir: string): void {
  if (!isHalfRestored(dataDir)) return;
  if (existsSync(join(dataDir, CORNER, PLACING)))
    for (const name of PLACED) rmSync(join(dataDir, name), { recursive: true, force: true });
  rmSync(join(dataDir, CORNER), { recursive: true, force: true });
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
