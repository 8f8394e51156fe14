// Takes the manifest of a snapshot that a user wants to run: says what is missing, or stores it.
import { randomUUID } from "node:crypto";
import { access, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { checkManifest, type SnapshotLimits } from "./check-manifest.ts";
import { makeDurable } from "./durable.ts";
import { inParallel } from "./in-parallel.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/**
 * Who has sent what, seen for one user. A blob or snapshot counts as present only for a user who has sent it, so that to
 * name the hash of a stranger's file gives nothing away.
 */
export interface Sender {
  /** Of these blobs, those that this user has sent or may read through a job. */
  heldBlobs(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  /** Records that this user has sent these blobs; resolves when that is durable. */
  noteBlobs(hashes: readonly string[]): Promise<void>;
  /** Records that this user has sent the snapshot and all of its blobs; resolves when that is durable. */
  noteSnapshot(snapshot: {
    readonly id: string;
    readonly file_count: number;
    readonly size_bytes: number;
  }): Promise<void>;
}

/** What became of a manifest. */
export interface AcceptedManifest {
  /** Id of the snapshot. */
  readonly snapshot: string;
  /** Hashes of the blobs this user still has to send, each once. Empty: the snapshot is stored, durably, and noted. */
  readonly missing: readonly string[];
}

/**
 * Checks a manifest and stores it when nothing of it is missing.
 * @throws FetchmlError bad-content, too-large; disk-full
 */
export async function acceptManifest(
  text: string,
  from: {
    readonly folder: SnapshotFolder;
    readonly limits: SnapshotLimits;
    readonly sender: Sender;
  },
): Promise<AcceptedManifest> {
  const { folder, limits, sender } = from;
  const { blobs, fileCount, totalBytes } = checkManifest(text, limits);
  const snapshot = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const hashes = [...blobs.keys()];
  const held = await sender.heldBlobs(hashes);
  const sizes = await sizesOnDisk(
    hashes.filter((hash) => held.has(hash)),
    folder,
  );
  const missing = hashes.filter((hash) => {
    const size = sizes.get(hash);
    if (size !== undefined && size !== blobs.get(hash)) throw wrongSize(hash);
    return size === undefined;
  });
  if (missing.length > 0) return { snapshot, missing };
  await storeManifest(text, { snapshot, folder });
  await sender.noteSnapshot({ id: snapshot, file_count: fileCount, size_bytes: totalBytes });
  return { snapshot, missing };
}

async function sizesOnDisk(
  hashes: readonly string[],
  folder: SnapshotFolder,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  await inParallel(hashes, 16, async (hash) => {
    // A blob that is noted but not there counts as missing: it is sent once more.
    const found = await stat(folder.blob(hash)).catch(() => null);
    if (found?.isFile() === true) sizes.set(hash, found.size);
  });
  return sizes;
}

async function storeManifest(
  text: string,
  { snapshot, folder }: { readonly snapshot: string; readonly folder: SnapshotFolder },
): Promise<void> {
  const place = folder.manifest(snapshot);
  if (await isThere(place)) return;
  const temporary = join(folder.tmp, randomUUID());
  try {
    await writeFile(temporary, text, { flag: "wx", mode: 0o600 });
    await makeDurable(new Set([temporary]), folder.tmp);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    await rename(temporary, place);
    await makeDurable(new Set([dirname(place), folder.manifests]), folder.root);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function wrongSize(hash: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `The server refuses the list of the project's files: the file with the hash ${hash.slice(0, 12)} has another size.`,
    { details: { hash } },
  );
}
