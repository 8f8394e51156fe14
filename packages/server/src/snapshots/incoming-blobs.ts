// One upload under way: blobs are written beside the store, and belong to it once their content is on disk.
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeBlobHeader, FetchmlError, type BlobHeader } from "@fetchml/protocol";
import { AppendFile } from "./append-file.ts";
import { makeDurable } from "./durable.ts";
import { inParallel } from "./in-parallel.ts";
import { arePacked, HELD_BYTES, MOST_ALONE } from "./packing.ts";
import { placeBlobs, type WholeBlob } from "./place-blobs.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import { bytesOnDisk, type RoomClaim, type UploadNeed } from "./upload-room.ts";
import type { WaitingPacks } from "./waiting-packs.ts";

/**
 * Takes blobs one after the other and keeps those that match their hash. Small ones are held in memory until they are whole:
 * a few become files of their own, many go into one pack. Large ones are written as they come. Nothing belongs to the store
 * before `commit()`, and then only what was whole and synced: it can be trusted even after a loss of power.
 *
 * `begin()`, `write()` and `end()` return what to wait for before the next call; `null`: nothing, as for most small blobs. To
 * wait all the same would double what 20,000 of them take.
 */
export class IncomingBlobs {
  readonly #folder: SnapshotFolder;
  readonly #packs: WaitingPacks;
  readonly #claim: RoomClaim;
  readonly #tmp: string;
  /** Whole blobs since the last commit that have a file of their own, by hash. */
  readonly #alone = new Map<string, WholeBlob>();
  /** Small ones of which it is not decided where they go, by hash. */
  readonly #held = new Map<string, SmallBlob>();
  #heldBytes = 0;
  /** Sizes of those that are in the pack, by hash. */
  #packed = new Map<string, number>();
  #pack: AppendFile | null = null;
  #current: CurrentBlob | null = null;
  #files = 0;
  #uncommittedBytes = 0;
  #owedBytes = 0;

  /** Use {@link openIncomingBlobs}. */
  constructor({ folder, packs, claim }: IncomingOptions, tmp: string) {
    this.#folder = folder;
    this.#packs = packs;
    this.#claim = claim;
    this.#tmp = tmp;
  }

  /** Begins a blob. The one before it has ended. */
  begin(header: BlobHeader): Promise<void> | null {
    if (header.sizeBytes > HELD_BYTES) return this.#beginLarge(header);
    this.#current = { header, parts: [] };
    return null;
  }

  /** Takes the next bytes of the blob. They must not change any more. */
  write(bytes: Uint8Array): Promise<void> | null {
    const blob = this.#begun();
    if ("parts" in blob) {
      blob.parts.push(bytes);
      return null;
    }
    blob.hasher.update(bytes);
    return blob.file.append(bytes);
  }

  /** Ends the blob. @throws FetchmlError bad-content when its bytes have another hash; it is gone then */
  end(): Promise<void> | null {
    const blob = this.#begun();
    this.#current = null;
    if (!("parts" in blob)) return this.#endLarge(blob);
    const { hash, sizeBytes } = blob.header;
    if (hashOf(blob.parts) !== hash) throw wrongHash(hash);
    this.#uncommittedBytes += sizeBytes;
    if (this.#held.has(hash) || this.#packed.has(hash)) return null;
    this.#owedBytes += bytesOnDisk(sizeBytes);
    return this.#takeSmall(blob);
  }

  /** What those that have ended will still take, and what lies there for them already; it goes when they are refused. */
  get need(): UploadNeed & { readonly files: number } {
    const files = this.#held.size + this.#packed.size;
    return { bytes: this.#owedBytes, files, writtenBytes: this.#pack?.writtenBytes ?? 0 };
  }

  /** How much has ended since the last commit; bytes. */
  get uncommittedBytes(): number {
    return this.#uncommittedBytes;
  }

  /**
   * Makes every blob that has ended since the last commit durable and part of the store, and resolves with their hashes. Not
   * while a blob is under way, unless that is given up.
   *
   * @throws FetchmlError disk-full when that would take what is kept free; then nothing of it belongs to the store
   */
  async commit(): Promise<readonly string[]> {
    // What waits in memory to be written to the pack takes room, too.
    await this.#pack?.flush();
    this.#refuseUnlessRoom();
    await this.#writeHeld();
    const alone = [...this.#alone.values()];
    const packed = this.#packed;
    this.#alone.clear();
    this.#packed = new Map();
    this.#uncommittedBytes = 0;
    await this.#commitPack(packed);
    this.#owedBytes = 0;
    this.#claim.set({ bytes: 0 });
    if (alone.length > 0) {
      await makeDurable(new Set(alone.map(({ path }) => path)), this.#tmp);
      await placeBlobs(alone, this.#folder);
    }
    return [...alone.map(({ hash }) => hash), ...packed.keys()];
  }

  /** Removes what was not committed. Complete on return, safe twice. */
  async close(): Promise<void> {
    const blob = this.#current;
    this.#current = null;
    if (blob !== null && "file" in blob) await blob.file.close();
    await this.#pack?.close();
    await rm(this.#tmp, { recursive: true, force: true });
  }

  /** The blobs of a pack still have to become files: when there is no room for those, it is better said now. */
  #refuseUnlessRoom(): void {
    if (this.#held.size + this.#packed.size + this.#alone.size === 0) return;
    this.#claim.take(this.need, "Cannot take the rest of the project");
  }

  #begun(): CurrentBlob {
    if (this.#current === null) throw new Error("no blob has begun");
    return this.#current;
  }

  #newPath(): string {
    this.#files += 1;
    return join(this.#tmp, String(this.#files));
  }

  async #beginLarge(header: BlobHeader): Promise<void> {
    const path = this.#newPath();
    const hasher = new Bun.CryptoHasher("sha256");
    this.#current = { header, hasher, path, file: await AppendFile.create(path) };
  }

  async #endLarge({ header, hasher, file, path }: LargeBlob): Promise<void> {
    const { hash, sizeBytes } = header;
    const isRight = hasher.digest("hex") === hash;
    try {
      if (isRight) await file.flush();
    } finally {
      await file.close();
    }
    if (!isRight) {
      await rm(path, { force: true });
      throw wrongHash(hash);
    }
    this.#uncommittedBytes += sizeBytes;
    this.#alone.set(hash, { hash, path });
  }

  #takeSmall(blob: SmallBlob): Promise<void> | null {
    if (this.#pack !== null) return this.#writePacked(this.#pack, blob);
    this.#held.set(blob.header.hash, blob);
    this.#heldBytes += blob.header.sizeBytes;
    const areMany = arePacked({ count: this.#held.size, bytes: this.#heldBytes });
    return areMany ? this.#beginPack() : null;
  }

  /** They turned out to be many. */
  async #beginPack(): Promise<void> {
    this.#pack = await AppendFile.create(join(this.#tmp, PACK));
    for (const held of this.#held.values()) await this.#writePacked(this.#pack, held);
    this.#held.clear();
    this.#heldBytes = 0;
  }

  #writePacked(pack: AppendFile, { header, parts }: SmallBlob): Promise<void> | null {
    this.#packed.set(header.hash, header.sizeBytes);
    let room = pack.append(encodeBlobHeader(header));
    for (const bytes of parts) room = pack.append(bytes);
    return room;
  }

  /** They turned out to be few. */
  async #writeHeld(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    this.#heldBytes = 0;
    await inParallel(held, MOST_ALONE, async ({ header: { hash }, parts }) => {
      const path = this.#newPath();
      await writeFile(path, Buffer.concat(parts), { flag: "wx", mode: 0o600 });
      this.#alone.set(hash, { hash, path });
    });
  }

  async #commitPack(packed: ReadonlyMap<string, number>): Promise<void> {
    const file = this.#pack;
    if (file === null) return;
    this.#pack = null;
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    const path = join(this.#folder.packs, randomUUID());
    await rename(join(this.#tmp, PACK), path);
    await makeDurable(new Set([this.#folder.packs]), this.#folder.root);
    this.#packs.add(path, packed);
  }
}

/** Where blobs go, and what is claimed of the disk. */
export interface IncomingOptions {
  readonly folder: SnapshotFolder;
  readonly packs: WaitingPacks;
  readonly claim: RoomClaim;
}

/** Begins an upload. Close it whatever happens. */
export async function openIncomingBlobs(options: IncomingOptions): Promise<IncomingBlobs> {
  const tmp = join(options.folder.tmp, randomUUID());
  await mkdir(tmp, { mode: 0o700 });
  return new IncomingBlobs(options, tmp);
}

interface SmallBlob {
  readonly header: BlobHeader;
  readonly parts: Uint8Array[];
}

interface LargeBlob {
  readonly header: BlobHeader;
  readonly hasher: Bun.CryptoHasher;
  readonly path: string;
  readonly file: AppendFile;
}

type CurrentBlob = SmallBlob | LargeBlob;

function hashOf(parts: readonly Uint8Array[]): string {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) {
    return Bun.CryptoHasher.hash("sha256", first, "hex");
  }
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest("hex");
}

const PACK = "pack";

function wrongHash(hash: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot store a file: what arrived does not match its hash ${hash.slice(0, 12)}. Send it again.`,
    { details: { hash } },
  );
}
