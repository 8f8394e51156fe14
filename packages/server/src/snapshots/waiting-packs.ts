// Packs of small blobs that are durable and not yet in the store one by one.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import { unpack } from "./unpack.ts";
import { bytesOnDisk } from "./upload-room.ts";

/** How long no pack has come before the first is unpacked, so that a sender does not wait for it; milliseconds. */
export const QUIET_MS = 1000;

/** After a failure, a full disk for one; milliseconds. */
const TRY_AGAIN_MS = 60_000;

interface Pack {
  readonly path: string;
  /** Size of each blob by hash; `null` for what another server has left. */
  readonly blobs: ReadonlyMap<string, number> | null;
  /** Bytes of all of them. */
  readonly contentBytes: number;
  /** While it is being unpacked. */
  unpacking: Promise<void> | null;
}

/**
 * To create 20,000 files takes a second; to write their contents one after the other into one file, and that to disk, takes a
 * tenth. So a sender is answered after the latter, and the former is done when nobody is sending, or when somebody wants to
 * read: whoever reads blobs from the store waits for {@link settled} first.
 */
export class WaitingPacks {
  readonly #folder: SnapshotFolder;
  readonly #quietMs: number;
  readonly #stopping = new AbortController();
  readonly #packs = new Set<Pack>();
  #tail: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Takes on what another server has left in the folder, which exists. */
  constructor(folder: SnapshotFolder, quietMs: number) {
    this.#folder = folder;
    this.#quietMs = quietMs;
    for (const name of readdirSync(folder.packs)) {
      const path = join(folder.packs, name);
      if (statSync(path).isFile())
        this.#take({ path, blobs: null, contentBytes: 0, unpacking: null });
    }
  }

  /** Takes on a pack that lies in the folder and is durable, with the size of each of its blobs by hash. */
  add(path: string, blobs: ReadonlyMap<string, number>): void {
    const contentBytes = blobs.values().reduce((sum, size) => sum + size, 0);
    this.#take({ path, blobs, contentBytes, unpacking: null });
  }

  /** Size of a blob that waits; `undefined` for others, and for what another server has left. */
  sizeOf(hash: string): number | undefined {
    for (const { blobs } of this.#packs) {
      const size = blobs?.get(hash);
      if (size !== undefined) return size;
    }
    return undefined;
  }

  /**
   * Most that the disk has still to give until all are unpacked: they are one after the other, and each goes when it is; bytes. What
   * another server has left is not counted.
   */
  get owed(): { readonly bytes: number; readonly files: number } {
    let largest = 0;
    let files = 0;
    for (const { blobs, contentBytes } of this.#packs) {
      largest = Math.max(largest, contentBytes);
      files += blobs?.size ?? 0;
    }
    return { bytes: largest + files * bytesOnDisk(0), files };
  }

  /** Resolves when nothing waits of which only the files know what they hold. @throws as {@link settled} */
  async known(): Promise<void> {
    const unknown = [...this.#packs].filter(({ blobs }) => blobs === null);
    await Promise.all(unknown.map((pack) => this.#unpack(pack)));
  }

  /** Resolves when everything that waits now is in the store. @throws the system's error; it is tried again later */
  async settled(): Promise<void> {
    await Promise.all([...this.#packs].map((pack) => this.#unpack(pack)));
  }

  /** The same for these blobs alone, which do not wait for what others have sent. @throws as {@link settled} */
  async settledFor(hashes: readonly string[]): Promise<void> {
    const packs = [...this.#packs].filter(
      ({ blobs }) => blobs === null || hashes.some((hash) => blobs.has(hash)),
    );
    await Promise.all(packs.map((pack) => this.#unpack(pack)));
  }

  /** Stops unpacking; what still waits is for the next server. Complete on return, safe twice. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error("the snapshots are closed"));
    this.#disarm();
    await this.#tail.catch(() => undefined);
  }

  #take(pack: Pack): void {
    this.#packs.add(pack);
    this.#arm(this.#quietMs);
  }

  #unpack(pack: Pack): Promise<void> {
    pack.unpacking ??= this.#after(async () => {
      this.#stopping.signal.throwIfAborted();
      await unpack(pack.path, { folder: this.#folder, signal: this.#stopping.signal });
      this.#packs.delete(pack);
    }).catch((error: unknown) => {
      pack.unpacking = null;
      this.#arm(TRY_AGAIN_MS);
      throw error;
    });
    return pack.unpacking;
  }

  /** One after the other: two at once take as long, and longer than one until the first is there. */
  #after(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  #arm(ms: number): void {
    this.#disarm();
    if (this.#stopping.signal.aborted) return;
    // What fails stays, and is tried again.
    this.#timer = setTimeout(() => void this.settled().catch(() => undefined), ms);
    this.#timer.unref();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
