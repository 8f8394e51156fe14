// A file on its way: appended to as bytes come, with the hash of all of them.
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { readInTurns } from "./read-in-turns.ts";

/** A part that is being written. */
export interface PartialFile {
  readonly path: string;
  /** How many bytes there are. */
  readonly sizeBytes: number;
  /** Adds bytes at the end; many zeros in a row take no room where the disk can leave them out. @throws the system's error */
  append(bytes: Uint8Array): void;
  /** Lower-case hex SHA-256 of all there is. Only once, at the end. */
  digest(): string;
  /** Closes it; what is there stays. Safe twice. */
  close(): void;
  /** Closes it, and takes it away unless a later pull can find it. Safe twice. */
  giveUp(): void;
}

/** A part that holds all of a file. */
export interface WholePart {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Epoch milliseconds; `null` leaves the time as it is. */
  readonly modifiedAt: number | null;
}

/** Makes an empty part at a path at which there is nothing. @throws the system's error */
export function createPart(path: string, isFindable: boolean): PartialFile {
  const flags = FLAGS | constants.O_CREAT | constants.O_EXCL;
  return new WrittenPart(path, openSync(path, flags, 0o666), isFindable);
}

/**
 * Opens a part that is there, cut to its first bytes, which are read for the hash; `null`, and it is taken away, when it is not
 * the file that it was left as.
 *
 * @throws the system's error
 */
export async function openPart(path: string, sizeBytes: number): Promise<PartialFile | null> {
  const descriptor = openSync(path, FLAGS);
  try {
    const stats = fstatSync(descriptor);
    // Two names: a pull was killed between giving the whole file its place and taking the part away. It is the user's by now.
    if (stats.isFile() && stats.nlink === 1 && stats.size >= sizeBytes) {
      ftruncateSync(descriptor, sizeBytes);
      const part = new WrittenPart(path, descriptor, true);
      await part.readFirst(sizeBytes);
      return part;
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  closeSync(descriptor);
  rmSync(path, { force: true });
  return null;
}

// Windows has no links to guard against in this place, and no such flag.
const FLAGS = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

class WrittenPart implements PartialFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #hasher = new Bun.CryptoHasher("sha256");
  #sizeBytes = 0;
  #endsInHole = false;
  readonly #isFindable: boolean;
  #isOpen = true;

  constructor(path: string, descriptor: number, isFindable: boolean) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#isFindable = isFindable;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async readFirst(sizeBytes: number): Promise<void> {
    const take = (bytes: Uint8Array) => this.#hasher.update(bytes);
    this.#sizeBytes = await readInTurns(this.#descriptor, sizeBytes, take);
    if (this.#sizeBytes < sizeBytes)
      throw new Error("the part has become shorter while it was read");
  }

  append(bytes: Uint8Array): void {
    // What is skipped beyond the end of a file is zeros when it is read.
    this.#endsInHole = bytes.length >= HOLE_BYTES && isZero(bytes);
    if (this.#endsInHole) {
      this.#hasher.update(bytes);
      this.#sizeBytes += bytes.length;
      return;
    }
    for (let done = 0; done < bytes.length;) {
      const count = writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#sizeBytes);
      this.#hasher.update(bytes.subarray(done, done + count));
      this.#sizeBytes += count;
      done += count;
    }
  }

  digest(): string {
    return this.#hasher.digest("hex");
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      if (this.#endsInHole) ftruncateSync(this.#descriptor, this.#sizeBytes);
    } finally {
      closeSync(this.#descriptor);
    }
  }

  giveUp(): void {
    this.close();
    if (!this.#isFindable) rmSync(this.path, { force: true });
  }
}

/** A quarter of what arrives at a time. */
const HOLE_BYTES = 65_536;

function isZero(bytes: Uint8Array): boolean {
  // Compares each byte with the one before it, at the speed of memory.
  return bytes[0] === 0 && Buffer.compare(bytes.subarray(1), bytes.subarray(0, -1)) === 0;
}
