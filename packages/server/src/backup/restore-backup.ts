// Restores a backup into an empty folder: all of it, or nothing.
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError, formatSize } from "@fetchml/protocol";
import { makeDurable } from "../snapshots/durable.ts";
import { readArchive, type OpenArchive } from "./archive-reader.ts";
import { isDiskFull } from "./is-disk-full.ts";
import type { BackupLabel } from "./label.ts";
import { DATABASE } from "./member-names.ts";
import { claimRestoreTarget, type RestoreTarget } from "./restore-target.ts";
import { RestoredFiles } from "./restored-files.ts";
import { settleRestored, type SettledStore } from "./settle-restored.ts";

/** What to restore, and where to. */
export interface RestoreOptions {
  readonly archive: OpenArchive;
  readonly dataDir: string;
  /** Whether no key of then opens the restored server. */
  readonly revokeAllKeys: boolean;
  readonly now: () => number;
  /** The account that restores, for the audit. */
  readonly actor: string;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/** What was restored. */
export interface Restored extends SettledStore {
  readonly label: BackupLabel;
  /** Where the config of then was put, which no server reads there; `null`: the backup has none. */
  readonly configPath: string | null;
}

/**
 * Restores a backup; resolves when it is durable and whole in the folder. Until then the folder has no database, and whatever
 * fails leaves it as empty as it was. After a kill the next restore clears up, and no server starts there.
 *
 * @throws FetchmlError conflict, data-folder-in-use, bad-file, box-unfit, disk-full
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { archive, dataDir } = options;
  const target = claimRestoreTarget(dataDir);
  try {
    refuseShort(archive, dataDir);
    const restored = await fill(target, options);
    options.signal.throwIfAborted();
    target.place();
    return restored;
  } catch (error) {
    const isFull = isDiskFull(error, dataDir);
    target.abandon();
    if (isFull) throw noRoom(dataDir, error);
    throw error;
  }
}

async function fill(
  { corner }: RestoreTarget,
  { archive, dataDir, revokeAllKeys, now, actor, signal, onProgress }: RestoreOptions,
): Promise<Restored> {
  const files = new RestoredFiles(corner, archive.path);
  let hasConfig = false;
  const { label } = await readArchive(archive, {
    sinkFor: (member) => {
      hasConfig ||= member.name === "config.toml";
      return files.open(member);
    },
    between: async () => {
      if (files.isDue) await files.sync();
    },
    signal,
    onProgress,
  });
  files.restoreSecretTimes();
  await files.sync();
  const { path: archivePath } = archive;
  const settled = settleRestored({
    root: corner,
    archivePath,
    label,
    revokeAllKeys,
    now: now(),
    actor,
  });
  await makeDurable(new Set([join(corner, DATABASE), corner]), corner);
  return {
    ...settled,
    label,
    configPath: hasConfig ? join(dataDir, "restored-config.toml") : null,
  };
}

function refuseShort({ sizeBytes }: OpenArchive, dataDir: string): void {
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize >= sizeBytes) return;
  throw noRoom(
    dataDir,
    undefined,
    `the backup takes ${formatSize(sizeBytes)}, and there is less room`,
  );
}

function noRoom(dataDir: string, cause: unknown, why = "the disk is full"): FetchmlError {
  return new FetchmlError(
    "disk-full",
    `Nothing was restored into ${dataDir}: ${why}. Make some room, or name a folder on another disk with --data-dir.`,
    { cause },
  );
}
