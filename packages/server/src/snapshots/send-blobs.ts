// Gives stored files back as they came: blobs one after the other, each behind its header.
import { readFile, stat } from "node:fs/promises";
import { encodeBlobHeader, FetchmlError, type BlobHeader } from "@fetchml/protocol";
import { inParallel } from "./in-parallel.ts";
import { PIECE_BYTES, piecesOfFile, type Pieces } from "./send-pieces.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/** Where blobs are taken from. */
export interface SendFrom {
  /** Sizes of the blobs that may be given, by hash; bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly folder: SnapshotFolder;
  /** A path at which a blob stands in the project. */
  readonly pathOf: (hash: string) => Promise<string>;
}

/**
 * The files with these hashes in the form of protocol's `blob-stream.ts`, in the order asked for. Resolves when all of them
 * are there; they are read no faster than they are taken, and what is held in memory stays below 2 MiB.
 *
 * @throws FetchmlError invalid-params for a hash that may not be given, snapshot-missing when content is gone; the
 *   pieces throw when it goes while they are read
 */
export async function sendBlobs(
  hashes: readonly string[],
  { sizes, folder, pathOf }: SendFrom,
): Promise<Pieces> {
  const blobs: BlobHeader[] = hashes.map((hash) => {
    const sizeBytes = sizes.get(hash);
    if (sizeBytes === undefined) throw notNamed(hash);
    return { hash, sizeBytes };
  });
  const gone: string[] = [];
  // Before the first byte of the answer: behind it nothing can be said any more, only the connection cut.
  await inParallel(blobs, LOOKED_AT_ONCE, async ({ hash, sizeBytes }) => {
    const found = await stat(folder.blob(hash)).catch(() => null);
    if (found?.isFile() !== true || found.size !== sizeBytes) gone.push(hash);
  });
  const [first] = gone;
  if (first !== undefined) throw contentGone(await pathOf(first));
  return piecesOf(blobs, folder);
}

const LOOKED_AT_ONCE = 16;

/** So many files that together fit into one piece are read whole and side by side. */
const SIDE_BY_SIDE = 64;

async function* piecesOf(blobs: readonly BlobHeader[], folder: SnapshotFolder): Pieces {
  for (let at = 0; at < blobs.length;) {
    const group = smallOnes(blobs, at);
    at += group.length;
    if (group.length > 0) {
      const parts = await Promise.all(group.map((blob) => framed(blob, folder.blob(blob.hash))));
      yield new Uint8Array(Buffer.concat(parts.flat()));
    }
    const large = blobs[at];
    if (group.length === 0 && large !== undefined) {
      at += 1;
      yield encodeBlobHeader(large);
      yield* piecesOfFile(folder.blob(large.hash), large.sizeBytes);
    }
  }
}

function smallOnes(blobs: readonly BlobHeader[], start: number): readonly BlobHeader[] {
  let end = start;
  let bytes = 0;
  for (; end < blobs.length && end - start < SIDE_BY_SIDE; end++) {
    bytes += blobs[end]?.sizeBytes ?? 0;
    if (bytes > PIECE_BYTES) break;
  }
  return blobs.slice(start, end);
}

async function framed(blob: BlobHeader, path: string): Promise<readonly Uint8Array[]> {
  const bytes = await readFile(path);
  if (bytes.length !== blob.sizeBytes) throw new Error(`${path} is no longer as long as it was`);
  return [encodeBlobHeader(blob), bytes];
}

function notNamed(hash: string): FetchmlError {
  return new FetchmlError(
    "invalid-params",
    `The job's code holds no file with the hash ${hash.slice(0, 12)}. "GET /jobs/JOB/manifest" lists those it holds.`,
    { details: { hash } },
  );
}

function contentGone(path: string): FetchmlError {
  return new FetchmlError(
    "snapshot-missing",
    `Cannot give the code back: the content of ${JSON.stringify(path)} is gone from the box. Ask its admin.`,
  );
}
