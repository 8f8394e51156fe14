// One large blob that arrives, from one sender or several at once, and goes on where it was after a cut.
import { open, rm, stat, utimes } from "node:fs/promises";
import { FetchmlError } from "@fetchml/protocol";
import { AppendFile } from "./append-file.ts";
import { placeLargeBlob } from "./place-blobs.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/** Which blob, and where it grows. */
export interface BegunBlobOptions {
  readonly hash: string;
  readonly sizeBytes: number;
  /** The file that grows; it may be there already, of an earlier upload. */
  readonly path: string;
  readonly folder: SnapshotFolder;
}

/**
 * The file of a blob that is not whole yet. Senders say for each piece where it belongs. What was received already is left
 * out, so any number of them may send the same blob: one that lost its connection and came again, while the server still
 * waits for the lost one, goes on at once; and two at the same time are done when the faster one is. The hash is worked out
 * over what is written, so nobody can slip anything in.
 */
export class BegunBlob {
  readonly #options: BegunBlobOptions;
  readonly #file: AppendFile;
  readonly #hasher: Bun.CryptoHasher;
  #received: number;
  #tail: Promise<void> = Promise.resolve();
  #isBroken = false;
  #finishing: Promise<() => Promise<void>> | null = null;

  private constructor(
    options: BegunBlobOptions,
    begun: {
      readonly file: AppendFile;
      readonly hasher: Bun.CryptoHasher;
      readonly received: number;
    },
  ) {
    this.#options = options;
    this.#file = begun.file;
    this.#hasher = begun.hasher;
    this.#received = begun.received;
  }

  /**
   * Opens the file, and reads what it holds already.
   * @throws FetchmlError conflict when it is collected at that moment; the system's error
   */
  static async open(options: BegunBlobOptions): Promise<BegunBlob> {
    const { path, sizeBytes } = options;
    const hasher = new Bun.CryptoHasher("sha256");
    const length = await lengthOf(path);
    if (length === null) {
      const file = await AppendFile.create(path);
      return new BegunBlob(options, { file, hasher, received: 0 });
    }
    // Of a wrong length: begun with another one. It is of no use.
    try {
      const received = length > sizeBytes ? 0 : await hashInto(hasher, path, length);
      await touch(path);
      const file = await AppendFile.goOn(path, received);
      return new BegunBlob(options, { file, hasher, received });
    } catch (error) {
      throw isMissing(error) ? gone() : error;
    }
  }

  /** Length of the whole blob, as its first sender said; once it is finished, its real one. */
  get sizeBytes(): number {
    return this.#options.sizeBytes;
  }

  /** How many bytes from the first on have arrived. */
  get receivedBytes(): number {
    return this.#received;
  }

  /** How many of them lie in the file; the rest is still in memory. */
  get writtenBytes(): number {
    return this.#file.writtenBytes;
  }

  /** Whether a write failed, or the blob turned out to be another: then nothing more can come of this one. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Takes bytes that begin at a place. Resolves when more may come.
   * @throws FetchmlError conflict when the place is not reached yet, bad-content when it is behind the end
   */
  append(place: number, bytes: Uint8Array): Promise<void> {
    const done = this.#tail.then(() => this.#append(place, bytes));
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /**
   * Puts the blob, whole, into the store. Resolves when that is durable, with what is still to be done after the answer. Once
   * for all senders.
   * @throws FetchmlError bad-content when its bytes have another hash; it is gone then
   */
  finish(): Promise<() => Promise<void>> {
    this.#finishing ??= this.#tail
      .then(() => this.#finish())
      .catch((error: unknown) => {
        this.#isBroken = true;
        throw error;
      });
    return this.#finishing;
  }

  /** Keeps what has arrived for another time, and lets go of it. Safe twice. */
  async close(): Promise<void> {
    await this.#tail;
    await this.#finishing?.catch(() => undefined);
    await this.#file.flush().catch(() => undefined);
    await this.#file.close();
  }

  async #append(place: number, bytes: Uint8Array): Promise<void> {
    const { sizeBytes } = this.#options;
    if (place > this.#received) throw notReached(this.#received);
    if (place + bytes.length > sizeBytes) throw tooLong(this.#options);
    const fresh = bytes.subarray(this.#received - place);
    if (fresh.length === 0) return;
    try {
      await this.#file.append(fresh);
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
    this.#hasher.update(fresh);
    this.#received += fresh.length;
  }

  async #finish(): Promise<() => Promise<void>> {
    const { hash, path, sizeBytes, folder } = this.#options;
    if (this.#received !== sizeBytes) throw new Error("the blob is not whole");
    if (this.#hasher.digest("hex") !== hash) {
      await this.#file.close();
      await rm(path, { force: true });
      throw new FetchmlError(
        "bad-content",
        `Cannot store a file: what arrived does not match its hash ${hash.slice(0, 12)}. It may have changed while it was sent; send it again.`,
        { details: { hash } },
      );
    }
    await this.#file.sync();
    await this.#file.close();
    await touch(path).catch((error: unknown) => {
      throw isMissing(error) ? gone() : error;
    });
    return placeLargeBlob({ hash, path }, folder);
  }
}

const READ_BYTES = 1024 ** 2;

/** Whoever collects garbage looks at the time: this blob is in use, however long ago its last byte came. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function lengthOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}

/** Hashes the first bytes of a file; answers how many there were. */
async function hashInto(hasher: Bun.CryptoHasher, path: string, length: number): Promise<number> {
  const handle = await open(path, "r");
  try {
    const buffer = new Uint8Array(READ_BYTES);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, length - read), read);
      if (bytesRead === 0) break;
      hasher.update(buffer.subarray(0, bytesRead));
      read += bytesRead;
    }
    return read;
  } finally {
    await handle.close();
  }
}

function notReached(receivedBytes: number): FetchmlError {
  return new FetchmlError(
    "conflict",
    `The upload goes on at a byte that is not reached yet: ${receivedBytes} have arrived. Ask again what is missing.`,
    { details: { received_bytes: receivedBytes } },
  );
}

function gone(): FetchmlError {
  return new FetchmlError(
    "conflict",
    "What had arrived of a file was removed meanwhile, as too old or to make room. Ask again what is missing.",
  );
}

function tooLong({ hash, sizeBytes }: BegunBlobOptions): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot store a file: more arrived than the ${sizeBytes} bytes that were announced for ${hash.slice(0, 12)}. Send it again.`,
    { details: { hash } },
  );
}
