// Writes a file from front to back while its bytes arrive.
import { open, type FileHandle } from "node:fs/promises";

/** So much is written at once. */
const WRITE_BYTES = 1024 ** 2;

/** So much may wait to be written; then whoever appends waits. */
const MOST_WAITING_BYTES = 4 * 1024 ** 2;

/** So often the disk is told to begin, so that little is left to wait for at the end. */
const SYNC_EVERY_BYTES = 32 * 1024 ** 2;

/** `writev` takes no more than 1,024; many small ones are joined first. */
const MOST_PARTS = 64;

/**
 * A file that only grows. Bytes are written in order, one write at a time, while the next ones are being prepared. After a
 * failure nothing more is written, so that what lies in the file is what was appended, up to some byte.
 */
export class AppendFile {
  readonly #handle: FileHandle;
  #parts: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Where the next write begins. */
  #position: number;
  #unsyncedBytes = 0;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #closed: Promise<void> | null = null;

  private constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  /** Makes a file, 0600; it must not be there. */
  static async create(path: string): Promise<AppendFile> {
    return new AppendFile(await open(path, "wx", 0o600), 0);
  }

  /** Opens a file to go on behind its first bytes; what lies behind them is cut off. */
  static async goOn(path: string, position: number): Promise<AppendFile> {
    const handle = await open(path, "r+");
    try {
      if ((await handle.stat()).size > position) await handle.truncate(position);
      return new AppendFile(handle, position);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Appends bytes; they are kept until they are written, so they must not change.
   * @returns what to wait for before more may come; `null`: nothing, as mostly
   * @throws the system's error of this or an earlier write
   */
  append(bytes: Uint8Array): Promise<void> | null {
    this.#throwFailure();
    this.#parts.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= WRITE_BYTES) this.#begin();
    return this.#waitingBytes > MOST_WAITING_BYTES ? this.#hasRoom() : null;
  }

  /** How much lies in the file; what was appended beyond that is still in memory. */
  get writtenBytes(): number {
    return this.#position;
  }

  /** Resolves when everything appended was handed to the system. @throws the system's error */
  async flush(): Promise<void> {
    this.#begin();
    while (this.#writing !== null) await this.#writing;
    this.#throwFailure();
  }

  /** Resolves when everything appended is on the disk. @throws the system's error */
  async sync(): Promise<void> {
    await this.flush();
    await this.#syncing;
    await this.#handle.datasync();
    this.#throwFailure();
  }

  /** Writes nothing more and lets go of the file. Safe twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#parts = [];
    this.#waitingBytes = 0;
    this.#failure ??= { error: new Error("the file is closed") };
    await this.#writing;
    await this.#syncing;
    await this.#handle.close();
  }

  async #hasRoom(): Promise<void> {
    while (this.#waitingBytes > MOST_WAITING_BYTES) await this.#writing;
    this.#throwFailure();
  }

  #begin(): void {
    this.#writing ??= this.#writeAll().then(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waitingBytes > 0) {
        const parts = this.#parts;
        const bytes = this.#waitingBytes;
        this.#parts = [];
        this.#waitingBytes = 0;
        await this.#write(parts);
        this.#unsyncedBytes += bytes;
        if (this.#unsyncedBytes >= SYNC_EVERY_BYTES) this.#beginSync();
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#parts = [];
      this.#waitingBytes = 0;
    }
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    let left = parts.length > MOST_PARTS ? [Buffer.concat(parts)] : [...parts];
    while (left.length > 0) {
      const { bytesWritten } = await this.#handle.writev(left, this.#position);
      this.#position += bytesWritten;
      left = behind(left, bytesWritten);
    }
  }

  #beginSync(): void {
    this.#unsyncedBytes = 0;
    this.#syncing ??= this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        this.#syncing = null;
      });
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** The parts without their first bytes. */
function behind(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  return parts.flatMap((part) => {
    const rest = part.subarray(Math.min(skip, part.length));
    skip -= part.length - rest.length;
    return rest.length === 0 ? [] : [rest];
  });
}
