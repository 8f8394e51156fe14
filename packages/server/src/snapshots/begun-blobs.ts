// Large blobs that have arrived in part, each for one user.
import { randomUUID } from "node:crypto";
import { renameSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { BegunBlob } from "./begun-blob.ts";
import { isDiskFull } from "./disk-error.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import {
  bytesOnDisk,
  watchRoom,
  type Claimed,
  type RoomClaim,
  type UploadRoom,
} from "./upload-room.ts";

/** Where a piece of a blob goes. */
export interface BlobPiece {
  /** Id of the user who sends it. */
  readonly userId: number;
  /** Lower-case hex SHA-256 of the whole blob. */
  readonly hash: string;
  /** Length of the whole blob. */
  readonly sizeBytes: number;
  /** Where the first byte of the stream belongs. */
  readonly offset: number;
}

/** What was not written to for so long is removed; milliseconds. */
const KEPT_MS = 24 * 3_600_000;

/** How often is looked for that, while there are uploads; milliseconds. */
const SWEEP_EVERY_MS = 3_600_000;

/** So many of one user are kept; then the oldest goes. */
const MOST_OF_USER = 64;

interface Open {
  readonly blob: Promise<BegunBlob>;
  /** What all of its senders together have still to bring. */
  readonly claim: RoomClaim;
  senders: number;
  /** Whether there was no room for the rest of it. */
  isRefused: boolean;
  closing: Promise<void> | null;
}

/** What has arrived of each outlasts a cut and a restart of the server. A user sees only what the user has sent. */
export class BegunBlobs {
  readonly #folder: SnapshotFolder;
  readonly #maxBytesOfUser: number;
  readonly #room: UploadRoom;
  readonly #now: () => number;
  readonly #open = new Map<string, Open>();
  #sweptAt: number;

  /** @param from the clock gives epoch milliseconds */
  constructor(from: {
    readonly folder: SnapshotFolder;
    readonly maxBytesOfUser: number;
    readonly room: UploadRoom;
    readonly now: () => number;
  }) {
    this.#folder = from.folder;
    this.#maxBytesOfUser = from.maxBytesOfUser;
    this.#room = from.room;
    this.#now = from.now;
    this.#sweptAt = from.now();
  }

  /** How many bytes of each of these blobs have arrived from a user, where there are any. */
  async received(userId: number, sizes: ReadonlyMap<string, number>): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    const folder = this.#folderOf(userId);
    for (const hash of await namesIn(folder)) {
      const size = sizes.get(hash);
      if (size === undefined) continue;
      const bytes = await this.#receivedOf(join(folder, hash));
      if (bytes > 0 && bytes <= size) found.set(hash, bytes);
    }
    return found;
  }

  /** What a user's uploads under way have claimed of the disk, by the blob, where it is one of these. */
  claimed(userId: number, sizes: ReadonlyMap<string, number>): Map<string, Claimed> {
    const found = new Map<string, Claimed>();
    const folder = this.#folderOf(userId);
    for (const [path, { claim }] of this.#open) {
      const hash = basename(path);
      if (dirname(path) === folder && sizes.has(hash)) found.set(hash, claim.claimed);
    }
    return found;
  }

  /**
   * Takes what a user sends of a blob. Resolves when the blob is whole, in the store and durable, with what is still to be done
   * after the answer. When the stream ends early or is cut, what has arrived is kept; where there is no room for the rest, only
   * while it takes nothing of what the disk is to keep free.
   *
   * @throws FetchmlError conflict when that place is not reached yet; bad-content; disk-full; and whatever the stream throws
   */
  async receive(stream: AsyncIterable<Uint8Array>, piece: BlobPiece): Promise<() => Promise<void>> {
    await this.#sweepNowAndThen();
    const path = join(this.#folderOf(piece.userId), piece.hash);
    const rest = Math.max(0, piece.sizeBytes - (await this.#receivedOf(path)));
    // Before anything else is waited for: from now on nobody makes room by removing it.
    const open = await this.#join(path, piece, bytesOnDisk(rest));
    try {
      return await takeAll(stream, await open.blob, { ...piece, claim: open.claim });
    } catch (error) {
      open.isRefused ||= isDiskFull(error);
      const blob = await open.blob.catch(() => null);
      if (blob?.isBroken !== false) this.#forget(path, open);
      throw error;
    } finally {
      await this.#leave(path, open);
    }
  }

  /** Removes what was not written to for a day and nobody is sending. */
  async removeStale(): Promise<void> {
    const { begun } = this.#folder;
    for (const user of await namesIn(begun)) {
      const folder = join(begun, user);
      for (const name of await namesIn(folder)) {
        const path = join(folder, name);
        const found = await stat(path).catch(() => null);
        if (found === null || found.mtimeMs > this.#now() - KEPT_MS) continue;
        await this.#removeUnused(path);
      }
    }
  }

  #folderOf(userId: number): string {
    return join(this.#folder.begun, String(userId));
  }

  async #receivedOf(path: string): Promise<number> {
    const open = this.#open.get(path);
    if (open !== undefined) return (await open.blob.catch(() => null))?.receivedBytes ?? 0;
    return (await stat(path).catch(() => null))?.size ?? 0;
  }

  async #sweepNowAndThen(): Promise<void> {
    if (this.#now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = this.#now();
    await this.removeStale();
  }

  async #begin(path: string, piece: BlobPiece): Promise<BegunBlob> {
    const { hash, sizeBytes } = piece;
    await mkdir(this.#folderOf(piece.userId), { recursive: true, mode: 0o700 });
    await this.#makeRoom(piece);
    return BegunBlob.open({ hash, sizeBytes, path, folder: this.#folder });
  }

  /** Makes room for one more in the user's folder. */
  async #makeRoom({ userId, hash, sizeBytes }: BlobPiece): Promise<void> {
    const folder = this.#folderOf(userId);
    const others: StoredPart[] = [];
    for (const name of await namesIn(folder)) {
      const found = name === hash ? null : await stat(join(folder, name)).catch(() => null);
      if (found !== null)
        others.push({ path: join(folder, name), size: found.size, mtimeMs: found.mtimeMs });
    }
    let count = others.length;
    let bytes = others.reduce((sum, { size }) => sum + size, sizeBytes);
    for (const { path, size } of others.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (count < MOST_OF_USER && bytes <= this.#maxBytesOfUser) break;
      if (!(await this.#removeUnused(path))) continue;
      count -= 1;
      bytes -= size;
    }
  }

  /**
   * Removes what nobody is sending; answers whether it did. It is out of the way in the very turn in which that was looked at:
   * whoever goes on with it from then on finds nothing, and begins anew.
   */
  async #removeUnused(path: string): Promise<boolean> {
    return this.#open.has(path) ? false : this.#remove(path);
  }

  async #remove(path: string): Promise<boolean> {
    const doomed = join(this.#folder.tmp, randomUUID());
    try {
      renameSync(path, doomed);
    } catch {
      return false;
    }
    await rm(doomed, { recursive: true, force: true });
    return true;
  }

  async #join(path: string, piece: BlobPiece, bytes: number): Promise<Open> {
    let open = this.#open.get(path);
    while (open !== undefined && open.closing !== null) {
      // Until it is closed, nobody else may write to the file.
      await open.closing;
      open = this.#open.get(path);
    }
    if (open === undefined) {
      const claim = this.#room.claim();
      claim.take({ bytes, files: 1 }, "Cannot take the project");
      const blob = this.#begin(path, piece);
      blob.catch(() => undefined);
      open = { blob, claim, senders: 0, isRefused: false, closing: null };
      this.#open.set(path, open);
    }
    open.senders += 1;
    return open;
  }

  async #leave(path: string, open: Open): Promise<void> {
    open.senders -= 1;
    if (open.senders > 0) return;
    const close = async (): Promise<void> => {
      await (await open.blob.catch(() => null))?.close();
      if (open.isRefused && this.#room.isShort()) await this.#remove(path);
    };
    open.closing = close().finally(() => {
      open.claim.close();
      this.#forget(path, open);
    });
    await open.closing;
  }

  #forget(path: string, open: Open): void {
    if (this.#open.get(path) === open) this.#open.delete(path);
  }
}

interface StoredPart {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

async function takeAll(
  stream: AsyncIterable<Uint8Array>,
  blob: BegunBlob,
  { hash, offset, sizeBytes, claim }: BlobPiece & { readonly claim: RoomClaim },
): Promise<() => Promise<void>> {
  if (sizeBytes !== blob.sizeBytes) throw otherSize(hash);
  let place = offset;
  // Of a rest without a byte, too, the place must be reached.
  await blob.append(place, NOTHING);
  const lookAgain = watchRoom(claim);
  for await (const bytes of stream) {
    await blob.append(place, bytes);
    place += bytes.length;
    lookAgain(bytes.length, { bytes: bytesOnDisk(sizeBytes - blob.writtenBytes) });
  }
  if (place < sizeBytes) throw brokenOff();
  claim.take({ bytes: sizeBytes - blob.writtenBytes }, "Cannot take the project");
  return blob.finish();
}

const NOTHING = new Uint8Array(0);

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

function otherSize(hash: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot store a file: another upload of ${hash.slice(0, 12)} is under way that says another size. Send it again.`,
    { details: { hash } },
  );
}

function brokenOff(): FetchmlError {
  return new FetchmlError(
    "bad-content",
    "The upload ended in the middle of a file. What has arrived is kept; send the rest.",
  );
}
