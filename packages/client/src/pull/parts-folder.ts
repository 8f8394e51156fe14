// The folder in a target in which unfinished files lie, so that a later pull can go on where one was cut off.
import { lstatSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { PARTS_FOLDER } from "./local-name.ts";
import { createPart, openPart, type PartialFile } from "./partial-file.ts";
import { hasCode } from "./system-error.ts";
import type { TargetFolder } from "./target-folder.ts";

/** A part that an earlier pull has left, or this one before it lost the connection. */
export interface LeftPart {
  readonly path: string;
  /** The tag of the version that it belongs to. */
  readonly etag: string;
  readonly sizeBytes: number;
}

/**
 * The name of a part says all there is to know of it: a hash of the file's address, the tag of its version, and the pull that
 * writes it. So no second file has to agree with the first, and of two pulls into one target none takes up what the
 * other is writing.
 */
export class PartsFolder {
  readonly #target: TargetFolder;
  readonly #path: string;
  /** Tells this pull from another one, in this process or a later one of the same number. */
  readonly #owner = `${process.pid}-${crypto.randomUUID().slice(0, 8)}`;

  constructor(target: TargetFolder) {
    this.#target = target;
    this.#path = join(target.path, PARTS_FOLDER);
  }

  /** The largest part of a file that nobody is writing; `null` for none. */
  find(address: string): LeftPart | null {
    let best: LeftPart | null = null;
    for (const { path, etag } of this.#free(address)) {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (etag === null || stats?.isFile() !== true) continue;
      if (stats.size > (best?.sizeBytes ?? 0)) best = { path, etag, sizeBytes: stats.size };
    }
    return best;
  }

  /** Goes on with a part, cut to its first bytes; `null` when that cannot be. @throws the system's error */
  async resume(part: LeftPart, address: string, sizeBytes: number): Promise<PartialFile | null> {
    const own = this.#pathOf(address, part.etag);
    try {
      if (part.path !== own) renameSync(part.path, own);
    } catch (error) {
      if (hasCode(error, "ENOENT")) return null;
      throw error;
    }
    return openPart(own, sizeBytes);
  }

  /** Begins a part. One whose version has only a weak tag, or none, is never found again. @throws the system's error */
  begin(address: string, etag: string | null): PartialFile {
    const isNamed = etag !== null && STRONG_TAG.test(etag);
    if (!isNamed) return this.make((path) => createPart(path, false));
    const own = this.#pathOf(address, etag);
    return this.make(() => {
      rmSync(own, { force: true });
      return createPart(own, true);
    });
  }

  /**
   * Makes something in the folder; made again where another pull has just ended and taken the empty folder away.
   *
   * @param create gets a path at which there is nothing
   * @throws the system's error
   */
  make<T>(create: (freshPath: string) => T): T {
    for (let tries = 1; ; tries++) {
      this.#makeFolder();
      try {
        return create(join(this.#path, `${crypto.randomUUID()}.${this.#owner}.once`));
      } catch (error) {
        if (tries === MOST_TRIES || !hasCode(error, "ENOENT")) throw error;
        this.#target.forgetFolder(PARTS_FOLDER);
      }
    }
  }

  /** Removes the parts of a file but for those that others are writing. */
  forget(address: string): void {
    for (const { path } of this.#free(address)) rmSync(path, { force: true });
  }

  /**
   * Removes what killed pulls have left and nobody can go on with, parts that were left long ago, and the folder when nothing is in
   * it.
   */
  tidy(now: number): void {
    for (const name of this.#names()) {
      const path = join(this.#path, name);
      const owner = OWNER.exec(name)?.[1];
      if (owner === undefined || this.#isOthers(owner)) continue;
      const changedAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now;
      if (name.endsWith(".once") || now - changedAt > KEPT_MS) rmSync(path, { force: true });
    }
    try {
      rmdirSync(this.#path);
    } catch {
      // Another pull is at work, or there never was such a folder.
    }
  }

  *#free(address: string): Generator<{ readonly path: string; readonly etag: string | null }> {
    const key = keyOf(address);
    for (const name of this.#names()) {
      const [, file, hex = "", owner = ""] = PART_NAME.exec(name) ?? [];
      if (file !== key || this.#isOthers(owner)) continue;
      yield { path: join(this.#path, name), etag: Buffer.from(hex, "hex").toString("latin1") };
    }
  }

  #pathOf(address: string, etag: string): string {
    const hex = Buffer.from(etag, "latin1").toString("hex");
    return join(this.#path, `${keyOf(address)}.${hex}.${this.#owner}.part`);
  }

  /** Whether another pull that lives may be writing it. A number that was given anew costs a download, and nothing else. */
  #isOthers(owner: string): boolean {
    return owner !== this.#owner && isAlive(Number(owner.split("-")[0]));
  }

  #makeFolder(): void {
    if (this.#target.makeFolders(`${PARTS_FOLDER}/part`) === null) return;
    throw new FetchmlError(
      "bad-file",
      `Cannot pull into ${this.#target.path}: ${PARTS_FOLDER} in it is no folder. Take it away.`,
    );
  }

  #names(): readonly string[] {
    return this.#target.look(PARTS_FOLDER)?.isDirectory() === true ? readdirSync(this.#path) : [];
  }
}

/** As many pulls would have to end in the very moment. */
const MOST_TRIES = 10;

/** A week. */
const KEPT_MS = 604_800_000;

/** What a tag may hold to become a part of a file's name. */
const STRONG_TAG = /^"[\x21\x23-\x7e]{1,80}"$/;

const PART_NAME = /^([0-9a-f]{32})\.((?:[0-9a-f]{2}){3,82})\.([1-9]\d{0,9}-[0-9a-f]{8})\.part$/;

const OWNER = /\.([1-9]\d{0,9}-[0-9a-f]{8})\.(?:once|part)$/;

function keyOf(address: string): string {
  return new Bun.CryptoHasher("sha256").update(address).digest("hex").slice(0, 32);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}
