// Writes the members of a backup into the corner of a data folder, durably and for this account alone.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { makeDurable } from "../snapshots/durable.ts";
import type { MemberSink } from "./archive-reader.ts";
import { brokenBackup } from "./broken-backup.ts";
import { CONFIG, isMemberName, SECRET_TIMES } from "./member-names.ts";
import type { ArchivedFile } from "./tar-header.ts";

const Times = z.record(z.string(), z.number());

/** The names in these folders count as written only after {@link RestoredFiles.sync}. */
const FILES_A_SYNC = 2000;

/** The files of one restore. */
export class RestoredFiles {
  readonly #root: string;
  readonly #archivePath: string;
  /** Files and folders since the last sync. */
  #unsynced = new Set<string>();

  constructor(root: string, archivePath: string) {
    this.#root = root;
    this.#archivePath = archivePath;
  }

  /** Opens a new file for a member. @throws FetchmlError bad-file when there was one of that name before */
  open({ name, mtimeMs }: ArchivedFile): MemberSink {
    const path = join(this.#root, name === CONFIG ? "restored-config.toml" : name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = this.#create(path, name);
    this.#note(path);
    return {
      write: (bytes) => {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at);
      },
      close: () => {
        closeSync(file);
        utimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
      },
    };
  }

  /** Whether so many files were written since the last sync that it is time for one. */
  get isDue(): boolean {
    return this.#unsynced.size > FILES_A_SYNC;
  }

  /** Resolves when all that was written is on the disk. */
  async sync(): Promise<void> {
    const paths = this.#unsynced;
    this.#unsynced = new Set();
    await makeDurable(paths, this.#root);
  }

  /** Gives secrets the times at which they were set: the archive has whole seconds only. @throws FetchmlError bad-file */
  restoreSecretTimes(): void {
    const path = join(this.#root, SECRET_TIMES);
    if (!existsSync(path)) return;
    try {
      for (const [name, mtimeMs] of Object.entries(
        Times.parse(JSON.parse(readFileSync(path, "utf8"))),
      )) {
        if (!isMemberName(name)) throw new Error("it names something else");
        utimesSync(join(this.#root, name), mtimeMs / 1000, mtimeMs / 1000);
      }
    } catch {
      throw brokenBackup(this.#archivePath, `${SECRET_TIMES} is wrong`);
    }
    rmSync(path);
    this.#unsynced.delete(path);
  }

  #create(path: string, name: string): number {
    try {
      return openSync(path, "wx", 0o600);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST")
        throw brokenBackup(this.#archivePath, `it holds ${name} twice`);
      throw error;
    }
  }

  #note(path: string): void {
    this.#unsynced.add(path);
    for (let folder = dirname(path); folder.startsWith(this.#root); folder = dirname(folder))
      this.#unsynced.add(folder);
  }
}
