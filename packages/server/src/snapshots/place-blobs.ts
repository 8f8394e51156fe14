// Moves whole blobs to their places in the store.
import { randomUUID } from "node:crypto";
import { link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDurable } from "./durable.ts";
import { inParallel } from "./in-parallel.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/** A file whose content is on disk and has that hash. */
export interface WholeBlob {
  readonly hash: string;
  readonly path: string;
}

/**
 * Moves each file to its place; resolves when that is durable. What lies there already is replaced: it is the same, or was
 * damaged and is mended by this.
 */
export async function placeBlobs(
  blobs: readonly WholeBlob[],
  folder: SnapshotFolder,
): Promise<void> {
  const folders = new Set(blobs.map(({ hash }) => dirname(folder.blob(hash))));
  await inParallel(folders, SIDE_BY_SIDE, async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  });
  await inParallel(blobs, SIDE_BY_SIDE, ({ hash, path }) => rename(path, folder.blob(hash)));
  await makeDurable(folders.add(folder.blobs), folder.root);
}

/**
 * The same for one large file, in a time that does not tell whether it was there: to give the room of a gigabyte back takes
 * long enough for a stranger to notice. So that is done later; the caller calls what this resolves with after the answer.
 */
export async function placeLargeBlob(
  blob: WholeBlob,
  folder: SnapshotFolder,
): Promise<() => Promise<void>> {
  const replaced = join(folder.tmp, randomUUID());
  // Nothing lies there, mostly.
  await link(folder.blob(blob.hash), replaced).catch(() => undefined);
  await placeBlobs([blob], folder);
  return () => rm(replaced, { force: true });
}

const SIDE_BY_SIDE = 16;
