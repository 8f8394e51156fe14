// Puts the blobs of a pack into the store.
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createBlobParser } from "@fetchml/protocol";
import { makeDurable } from "./durable.ts";
import { inParallel } from "./in-parallel.ts";
import { piecesOfFile } from "./send-pieces.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/**
 * Writes every blob of a pack to its place, and removes the pack when all of them are durable. A pack is a stream of blobs in
 * the form of protocol's `blob-stream.ts`. While it is there, a loss of power may spoil its blobs in the store; so it may be
 * done again at any time, and nobody reads them before this has resolved. What does not match its hash is left out. It takes as
 * long for blobs that others have sent before.
 *
 * @param signal stops it between two blobs; the pack stays
 */
export async function unpack(
  pack: string,
  { folder, signal }: { readonly folder: SnapshotFolder; readonly signal: AbortSignal },
): Promise<void> {
  const found = await stat(pack).catch(() => null);
  if (found === null) return;
  const tmp = join(folder.tmp, randomUUID());
  await mkdir(tmp, { mode: 0o700 });
  try {
    const places = new Set<string>();
    for await (const blobs of blobsOf(pack, found.size)) {
      await makeFolders(blobs, folder);
      await inParallel(blobs, SIDE_BY_SIDE, async ({ hash, bytes }) => {
        signal.throwIfAborted();
        const place = folder.blob(hash);
        const temporary = join(tmp, hash);
        await writeFile(temporary, bytes, { mode: 0o600 });
        await rename(temporary, place);
        places.add(place);
      });
    }
    const folders = new Set([...places].map(dirname));
    await makeDurable(places.union(folders).add(folder.blobs), folder.root);
    await rm(pack, { force: true });
  } finally {
    await rm(tmp, { recursive: true, force: true });
  }
}

const SIDE_BY_SIDE = 16;

interface PackedBlob {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** The blobs of a pack, a few hundred at a time. */
async function* blobsOf(
  pack: string,
  sizeBytes: number,
): AsyncGenerator<readonly PackedBlob[], void, void> {
  const parser = createBlobParser();
  let hash = "";
  let parts: Uint8Array[] = [];
  for await (const piece of piecesOfFile(pack, sizeBytes)) {
    const blobs: PackedBlob[] = [];
    for (const event of parser.feed(piece)) {
      if (event.kind === "begin") ({ hash } = event.header);
      else if (event.kind === "data") parts.push(event.bytes);
      else {
        const [first] = parts;
        const bytes = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
        parts = [];
        blobs.push({ hash, bytes });
      }
    }
    yield blobs.filter(isWhole);
  }
}

function isWhole({ hash, bytes }: PackedBlob): boolean {
  return Bun.CryptoHasher.hash("sha256", bytes, "hex") === hash;
}

async function makeFolders(blobs: readonly PackedBlob[], folder: SnapshotFolder): Promise<void> {
  const folders = new Set(blobs.map(({ hash }) => dirname(folder.blob(hash))));
  await inParallel(folders, SIDE_BY_SIDE, async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  });
}
