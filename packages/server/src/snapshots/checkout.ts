// Writes the tree of a snapshot into a folder.
import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { FetchmlError, sharedLength, type Manifest } from "@fetchml/protocol";
import { inParallel } from "./in-parallel.ts";
import { sizesOnDisk } from "./sizes-on-disk.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/**
 * Writes every file and link of a manifest below `target`, which is made when missing and must be empty. Files are copies, by
 * reflink where the file system can, and never hard links, through which a job could write into the store. Folders and
 * executable files get 0700, others 0600. Links are made last, so that no write goes through one. When it fails, what it has
 * written stays: throw the folder away.
 *
 * @param manifest one that was checked: its paths stay inside
 * @throws FetchmlError snapshot-missing when a blob is gone, bad-content when it has another size than the manifest says
 */
export async function checkout(
  manifest: Manifest,
  {
    folder,
    target,
    onWritten = () => undefined,
  }: {
    readonly folder: SnapshotFolder;
    readonly target: string;
    /** Told of each file that is there, with its size in bytes. */
    readonly onWritten?: (sizeBytes: number) => void;
  },
): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) throw new Error(`checkout into ${target}: not empty`);
  await refuseWrongSizes(manifest, folder);
  for (const level of foldersByDepth(manifest)) {
    await inParallel(level, PARALLEL, async (path) => {
      await mkdir(join(target, path), { mode: 0o700 });
    });
  }
  await inParallel(manifest.entries, PARALLEL, async (entry) => {
    if (entry.kind !== "file") return;
    const place = join(target, entry.path);
    await copyFile(folder.blob(entry.hash), place, HOW).catch((error: unknown) => {
      throw isGone(error) ? blobGone(entry.path, error) : error;
    });
    // The copy has the mode of the blob, 0600.
    if (entry.executable) await chmod(place, 0o700);
    onWritten(entry.size_bytes);
  });
  await inParallel(manifest.entries, PARALLEL, async (entry) => {
    if (entry.kind === "symlink") await symlink(entry.target, join(target, entry.path));
  });
}

/** How many files, links and folders a manifest's tree has below its root. */
export function countPaths(manifest: Manifest): number {
  const folders = foldersByDepth(manifest).reduce((sum, level) => sum + level.length, 0);
  return manifest.entries.length + folders;
}

/** More do not help: 1,000 files take 45 ms with 8 as with 32, and other work waits longer. */
const PARALLEL = 8;

const HOW = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

/** The limits were held against the sizes in the manifest. */
async function refuseWrongSizes({ entries }: Manifest, folder: SnapshotFolder): Promise<void> {
  const hashes = entries.flatMap((entry) => (entry.kind === "file" ? entry.hash : []));
  const sizes = await sizesOnDisk(new Set(hashes), folder);
  for (const entry of entries) {
    if (entry.kind === "symlink") continue;
    const size = sizes.get(entry.hash);
    if (size === undefined) throw blobGone(entry.path);
    if (size !== entry.size_bytes) throw otherSize(entry.path);
  }
}

/** The folders that the paths need, those nearer the root first. */
function foldersByDepth({ entries }: Manifest): readonly (readonly string[])[] {
  const levels: string[][] = [];
  let before = "";
  for (const { path } of entries) {
    // Paths stand in order, so that what the one before does not share begins here.
    const shared = sharedLength(before, path);
    let depth = 0;
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
      if (end >= shared) (levels[depth] ??= []).push(path.slice(0, end));
      depth += 1;
    }
    before = path;
  }
  return levels;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function blobGone(path: string, cause?: unknown): FetchmlError {
  return new FetchmlError(
    "snapshot-missing",
    `Cannot lay out the project: the content of ${JSON.stringify(path)} is gone from the box. Submit the project again.`,
    { cause },
  );
}

function otherSize(path: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot lay out the project: the content of ${JSON.stringify(path)} has another size on the box than the list of files says. Submit the project again.`,
  );
}
