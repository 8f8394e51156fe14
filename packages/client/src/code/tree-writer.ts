// Writes the files and links of a tree: each appears whole under its name or not at all.
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { BlobHeader } from "@fetchml/protocol";
import type { BlobSink } from "./fetch-blobs.ts";

/** A file that is to be written. */
export interface FileWanted {
  /** Relative to the target, and safe there. */
  readonly path: string;
  readonly executable: boolean;
}

/** Where to write, and what. */
export interface TreeWriterOptions {
  /** The folder of the tree, absolute; it is there, with all folders that the files need. */
  readonly target: string;
  /** Absolute path of an empty folder on the same disk for what is not yet whole. */
  readonly staging: string;
  /** The files that each blob is the content of. */
  readonly files: ReadonlyMap<string, readonly FileWanted[]>;
}

/**
 * Takes blobs and gives them their names. All is done at once and in order: a thousand small files take 60 ms that way, and
 * no write is under way when the process ends.
 */
export class TreeWriter implements BlobSink {
  readonly #target: string;
  readonly #staging: string;
  readonly #files: ReadonlyMap<string, readonly FileWanted[]>;
  /** The bits that new files may have here: what the umask leaves. */
  readonly #allowedMode: number;
  #current: { readonly hash: string; readonly descriptor: number } | null = null;

  constructor({ target, staging, files }: TreeWriterOptions) {
    this.#target = target;
    this.#staging = staging;
    this.#files = files;
    // There is no other way to ask for the umask without setting it for a moment.
    const probe = openSync(this.#staged, NEW_FILE, 0o777);
    this.#allowedMode = fstatSync(probe).mode & 0o777;
    closeSync(probe);
    rmSync(this.#staged);
  }

  begin({ hash }: BlobHeader): void {
    const executable = this.#files.get(hash)?.[0]?.executable ?? false;
    const descriptor = openSync(this.#staged, NEW_FILE, modeOf(executable));
    this.#current = { hash, descriptor };
  }

  write(bytes: Uint8Array): void {
    if (this.#current === null) throw new Error("no blob has begun");
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#current.descriptor, bytes, at);
    }
  }

  end(): void {
    if (this.#current === null) throw new Error("no blob has begun");
    const { hash, descriptor } = this.#current;
    this.#current = null;
    closeSync(descriptor);
    const [first, ...others] = this.#files.get(hash) ?? [];
    if (first === undefined) return rmSync(this.#staged);
    const place = join(this.#target, first.path);
    renameSync(this.#staged, place);
    for (const other of others) this.#copy(place, other);
  }

  drop(): void {
    if (this.#current === null) return;
    closeSync(this.#current.descriptor);
    this.#current = null;
    rmSync(this.#staged, { force: true });
  }

  /** Makes a link, in the place of whatever file or link has its name. */
  link(path: string, target: string): void {
    symlinkSync(target, this.#staged);
    renameSync(this.#staged, join(this.#target, path));
  }

  /** Lets go of what is not whole. Complete on return, safe twice. */
  close(): void {
    this.drop();
  }

  get #staged(): string {
    return join(this.#staging, "next");
  }

  #copy(from: string, { path, executable }: FileWanted): void {
    copyFileSync(from, this.#staged, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    // A copy has the mode of what it was made of.
    chmodSync(this.#staged, modeOf(executable) & this.#allowedMode);
    renameSync(this.#staged, join(this.#target, path));
  }
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** As every program makes files: whoever may do what else is for the umask to say. */
function modeOf(executable: boolean): number {
  return executable ? 0o777 : 0o666;
}
