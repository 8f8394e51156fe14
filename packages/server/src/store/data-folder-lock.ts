// Makes one process the owner of a data folder for as long as it lives.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { ExclusiveFile } from "./database.ts";

/** Ownership of a data folder; released by {@link close}, or by the kernel when the process dies. */
export interface DataFolderLock {
  /** Lets the folder go. Safe twice. */
  close(): void;
}

/** Takes a data folder's lock; `null` when another process has it. */
export function tryLockDataFolder(dataDir: string): DataFolderLock | null {
  return ExclusiveFile.tryOpen(join(dataDir, "lock.db"));
}

/**
 * Takes a data folder's lock.
 * @throws FetchmlError data-folder-in-use
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const lock = tryLockDataFolder(dataDir);
  if (lock !== null) return lock;
  const hint = existsSync(join(dataDir, "fetchml.sock"))
    ? "Stop that server first, or use another --data-dir."
    : "It does not answer on its socket yet: wait until it is up, or end it.";
  throw new FetchmlError(
    "data-folder-in-use",
    `The data folder ${dataDir} belongs to a running FetchML server.\n${hint}`,
  );
}
