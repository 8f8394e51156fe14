// Hands out the bytes of a backup file in their order.
import { readSync } from "node:fs";
import { brokenBackup } from "./broken-backup.ts";
import { BLOCK_BYTES } from "./tar-header.ts";

/** The most that is handed out at once. */
export const PIECE_BYTES = 1_048_576;

/** A file as far as it was when it was opened. */
export interface ArchiveBytes {
  readonly path: string;
  readonly file: number;
  readonly sizeBytes: number;
}

/** The bytes of a backup in their order, through one buffer. */
export class ArchiveInput {
  readonly #archive: ArchiveBytes;
  readonly #onProgress: (bytes: number) => void;
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  #from = 0;
  #to = 0;
  /** How much of the file was read into the buffer. */
  #read = 0;

  constructor(archive: ArchiveBytes, onProgress: (bytes: number) => void) {
    this.#archive = archive;
    this.#onProgress = onProgress;
  }

  /** Bytes from here to the end of the file. */
  get left(): number {
    return this.#archive.sizeBytes - this.#read + (this.#to - this.#from);
  }

  /** The next bytes, at most {@link PIECE_BYTES}; good until the next call. @throws FetchmlError bad-file at the end */
  take(length: number): Buffer {
    if (this.#to - this.#from < length) this.#fill(length);
    const bytes = this.#buffer.subarray(this.#from, this.#from + length);
    this.#from += length;
    return bytes;
  }

  /** Goes over bytes that must be zero. @throws FetchmlError bad-file */
  expectZeros(length: number): void {
    if (this.take(length).some((byte) => byte !== 0))
      throw brokenBackup(this.#archive.path, "it is damaged between two of its members");
  }

  /** Goes over two empty blocks, and refuses what comes behind them. @throws FetchmlError bad-file */
  expectEnd(): void {
    this.expectZeros(2 * BLOCK_BYTES);
    if (this.left > 0) throw brokenBackup(this.#archive.path, "something follows its end");
  }

  #fill(length: number): void {
    this.#buffer.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    while (this.#to < length) {
      const room = Math.min(PIECE_BYTES - this.#to, this.#archive.sizeBytes - this.#read);
      const { file } = this.#archive;
      const got = room === 0 ? 0 : readSync(file, this.#buffer, this.#to, room, this.#read);
      if (got === 0) throw brokenBackup(this.#archive.path, "it ends too early");
      this.#to += got;
      this.#read += got;
    }
    this.#onProgress(this.#read);
  }
}
