// Writes the members of a backup one after the other, and what each of them weighs to a hash.
import { closeSync, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { SUMS } from "./member-names.ts";
import { BLOCK_BYTES, formatHeader, paddingOf } from "./tar-header.ts";

const PIECE_BYTES = 1_048_576;

/** Where an archive is written. */
export interface ArchivePlace {
  /** The archive, which must not be there yet. */
  readonly path: string;
  /** Where the sums are gathered meanwhile; gone after {@link ArchiveWriter.close}. */
  readonly sumsPath: string;
  /** Told how many bytes have been written so far. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * A backup in the making. Holds one piece of a file in memory, however many members there are. Synchronous: this process does
 * nothing else.
 */
export class ArchiveWriter {
  readonly #place: ArchivePlace;
  readonly #file: number;
  readonly #sums: number;
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #bytes = 0;
  #isClosed = false;

  constructor(place: ArchivePlace) {
    this.#place = place;
    this.#file = openSync(place.path, "wx", 0o600);
    try {
      this.#sums = openSync(place.sumsPath, "wx+", 0o600);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  /** Adds a member of these bytes. */
  addBytes(name: string, bytes: Uint8Array, mtimeMs: number): void {
    this.#write(formatHeader({ name, sizeBytes: bytes.length, mtimeMs }));
    this.#write(bytes);
    this.#pad(bytes.length);
    this.#note(name, new Bun.CryptoHasher("sha256").update(bytes).digest("hex"));
  }

  /**
   * Adds a member with the content of an open file, from its start. Answers its SHA-256.
   * @throws Error when the file is shorter than it was a moment before
   */
  addFile(name: string, file: number): string {
    const hash = this.#copy(name, file);
    this.#note(name, hash);
    return hash;
  }

  /** Adds the sums and the end, and makes all of it durable. Nothing can be added after that. */
  finish(): void {
    this.#copy(SUMS, this.#sums);
    this.#write(Buffer.alloc(2 * BLOCK_BYTES));
    fsyncSync(this.#file);
  }

  /** Closes the files. What is not finished is of no use. Safe twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
    closeSync(this.#sums);
    rmSync(this.#place.sumsPath, { force: true });
  }

  #copy(name: string, file: number): string {
    const { size, mtimeMs } = fstatSync(file);
    this.#write(formatHeader({ name, sizeBytes: size, mtimeMs }));
    const hasher = new Bun.CryptoHasher("sha256");
    for (let at = 0; at < size;) {
      const length = readSync(file, this.#piece, 0, Math.min(PIECE_BYTES, size - at), at);
      if (length === 0) throw new Error(`${name} became shorter while it was copied`);
      const bytes = this.#piece.subarray(0, length);
      hasher.update(bytes);
      this.#write(bytes);
      at += length;
    }
    this.#pad(size);
    return hasher.digest("hex");
  }

  #note(name: string, hash: string): void {
    writeAll(this.#sums, Buffer.from(sumLine(name, hash)));
  }

  #pad(sizeBytes: number): void {
    this.#write(Buffer.alloc(paddingOf(sizeBytes)));
  }

  #write(bytes: Uint8Array): void {
    writeAll(this.#file, bytes);
    this.#bytes += bytes.length;
    this.#place.onProgress(this.#bytes);
  }
}

/** The line of a member in the sums, as `sha256sum` writes and checks it. */
export function sumLine(name: string, hash: string): string {
  return `${hash}  ${name}\n`;
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at);
}
