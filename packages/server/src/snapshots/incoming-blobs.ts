// One upload under way: blobs are written beside the store, and moved into it once their content is on disk.
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FetchmlError, type BlobHeader } from "@fetchml/protocol";
import { makeDurable } from "./durable.ts";
import { inParallel } from "./in-parallel.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/**
 * Takes blobs one after the other and keeps those that match their hash. Small ones are held in memory and written several
 * at a time; large ones are written as they come. Nothing is in the store before `commit()`, and then only what was whole
 * and synced: a blob in the store can be trusted even after a loss of power.
 */
export class IncomingBlobs {
  readonly #folder: SnapshotFolder;
  readonly #tmp: string;
  /** Where each whole blob waits, by hash. */
  readonly #waiting = new Map<string, string>();
  readonly #writes = new Set<Promise<void>>();
  #pendingBytes = 0;
  #failure: { readonly error: unknown } | null = null;
  #current: CurrentBlob | null = null;
  #files = 0;

  /** Use {@link openIncomingBlobs}. */
  constructor(folder: SnapshotFolder, tmp: string) {
    this.#folder = folder;
    this.#tmp = tmp;
  }

  /** Begins a blob. The one before it has ended. */
  async begin(header: BlobHeader): Promise<void> {
    this.#files += 1;
    const path = join(this.#tmp, String(this.#files));
    const hasher = new Bun.CryptoHasher("sha256");
    const isLarge = header.sizeBytes > HELD_BYTES;
    const handle = isLarge ? await open(path, "wx", 0o600) : null;
    this.#current = { header, path, hasher, handle, parts: [] };
  }

  /** Takes the next bytes of the blob. They are not kept beyond `end()`, nor changed. */
  async write(bytes: Uint8Array): Promise<void> {
    const blob = this.#begun();
    blob.hasher.update(bytes);
    if (blob.handle === null) blob.parts.push(bytes);
    else await writeAll(blob.handle, bytes);
  }

  /**
   * Ends the blob. Resolves as soon as there is room for the next, maybe before this one is written.
   * @throws FetchmlError bad-content when its bytes have another hash; it is gone then
   */
  async end(): Promise<void> {
    const { header, path, hasher, handle, parts } = this.#begun();
    this.#current = null;
    await handle?.close();
    const { hash } = header;
    if (hasher.digest("hex") !== hash) {
      await rm(path, { force: true });
      throw new FetchmlError(
        "bad-content",
        `Cannot store a file: what arrived does not match its hash ${hash.slice(0, 12)}. Send it again.`,
        { details: { hash } },
      );
    }
    if (this.#waiting.has(hash)) return rm(path, { force: true });
    if (handle === null) {
      this.#start(writeFile(path, Buffer.concat(parts), { flag: "wx", mode: 0o600 }), header);
      while (this.#writes.size >= MAX_WRITES || this.#pendingBytes > MAX_PENDING_BYTES) {
        await Promise.race(this.#writes);
      }
      this.#throwFailure();
    }
    this.#waiting.set(hash, path);
  }

  /**
   * Puts every blob that ended into the store, and resolves with their hashes when that is durable. A blob that is cut off
   * in the middle is not among them.
   */
  async commit(): Promise<readonly string[]> {
    await Promise.all(this.#writes);
    this.#throwFailure();
    if (this.#waiting.size === 0) return [];
    await makeDurable(new Set(this.#waiting.values()), this.#tmp);
    const moves = [...this.#waiting].map(([hash, path]) => ({
      path,
      place: this.#folder.blob(hash),
    }));
    const folders = new Set(moves.map(({ place }) => dirname(place)));
    await inParallel(folders, MAX_WRITES, async (folder) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    });
    // Also over a blob that is there: it is the same, or was damaged and is mended by this.
    await inParallel(moves, MAX_WRITES, ({ path, place }) => rename(path, place));
    await makeDurable(folders.add(this.#folder.blobs), this.#folder.root);
    const hashes = [...this.#waiting.keys()];
    this.#waiting.clear();
    return hashes;
  }

  /** Removes what was not committed. Complete on return, safe twice. */
  async close(): Promise<void> {
    const blob = this.#current;
    this.#current = null;
    await blob?.handle?.close();
    await Promise.allSettled(this.#writes);
    await rm(this.#tmp, { recursive: true, force: true });
  }

  #begun(): CurrentBlob {
    if (this.#current === null) throw new Error("no blob has begun");
    return this.#current;
  }

  #start(writing: Promise<void>, { sizeBytes }: BlobHeader): void {
    this.#pendingBytes += sizeBytes;
    const write = writing
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#pendingBytes -= sizeBytes;
        this.#writes.delete(write);
      });
    this.#writes.add(write);
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** Begins an upload. Close it whatever happens. */
export async function openIncomingBlobs(folder: SnapshotFolder): Promise<IncomingBlobs> {
  const tmp = join(folder.tmp, randomUUID());
  await mkdir(tmp, { mode: 0o700 });
  return new IncomingBlobs(folder, tmp);
}

interface CurrentBlob {
  readonly header: BlobHeader;
  readonly path: string;
  readonly hasher: Bun.CryptoHasher;
  /** `null` for a blob that is held in memory, as `parts`. */
  readonly handle: FileHandle | null;
  readonly parts: Uint8Array[];
}

const HELD_BYTES = 1024 ** 2;
const MAX_WRITES = 16;
const MAX_PENDING_BYTES = 16 * 1024 ** 2;

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}
