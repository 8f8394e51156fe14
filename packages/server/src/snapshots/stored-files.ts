// Lists what is stored in the folders of blobs and of manifests.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { inParallel } from "./in-parallel.ts";

/** A stored blob or manifest. */
export interface StoredFile {
  readonly hash: string;
  readonly path: string;
  /** What it takes on the disk. */
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly storedAt: number;
}

/**
 * Files of which the filter says yes, a folder of the 256 after the other, in groups of some
 * hundreds. What is not named like a hash is left out.
 *
 * @param root `blobs` or `manifests` of the snapshots
 */
export async function* storedFiles(
  root: string,
  isWanted: (hash: string) => boolean,
): AsyncGenerator<readonly StoredFile[], void, undefined> {
  for (const prefix of await namesIn(root)) {
    const names = await namesIn(join(root, prefix));
    const wanted = names.filter(
      (name) => /^[0-9a-f]{64}$/.test(prefix + name) && isWanted(prefix + name),
    );
    for (let at = 0; at < wanted.length; at += FILES_A_TURN) {
      const group: StoredFile[] = [];
      await inParallel(wanted.slice(at, at + FILES_A_TURN), 8, async (name) => {
        const path = join(root, prefix, name);
        const found = await lstat(path).catch(() => null);
        if (found === null) return;
        const { blocks, mtimeMs: storedAt } = found;
        group.push({ hash: prefix + name, path, bytes: blocks * 512, storedAt });
      });
      if (group.length > 0) yield group;
    }
  }
}

const FILES_A_TURN = 200;

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  });
}
