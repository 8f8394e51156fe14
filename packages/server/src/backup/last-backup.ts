// When the last good backup of a data folder was made, as a small file in it.
import { lchownSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeDurably } from "../secrets/durable-file.ts";

/** The last backup that was written, verified and put in its place. */
export type LastBackup = z.infer<typeof LastBackup>;

const LastBackup = z.object({
  /** Epoch milliseconds at which the database was copied. */
  at: z.int(),
  /** Where it was put; it may have been moved since. */
  file: z.string(),
  size_bytes: z.int(),
  with_blobs: z.boolean(),
  with_secrets: z.boolean(),
  /** Files of code that a disk had spoilt and that are not in it. */
  left_out: z.int(),
});

/** Path of that file in a data folder. */
export function lastBackupPath(dataDir: string): string {
  return join(dataDir, "last-backup.json");
}

/** Reads it; `null` when there was no backup yet, or the file is none. */
export function readLastBackup(dataDir: string): LastBackup | null {
  try {
    const parsed = LastBackup.safeParse(JSON.parse(readFileSync(lastBackupPath(dataDir), "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Writes it, for the folder's owner; resolves when it is durable. */
export async function noteBackup(dataDir: string, backup: LastBackup): Promise<void> {
  const path = lastBackupPath(dataDir);
  await writeDurably(path, Buffer.from(`${JSON.stringify(backup)}\n`));
  const { uid, gid } = statSync(dataDir);
  // Never what the folder's owner has put there meanwhile to lead root elsewhere.
  if (process.geteuid?.() === 0) lchownSync(path, uid, gid);
}
