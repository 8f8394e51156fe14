// Takes files and folders out of sight at once, and removes them for good when there is time.
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Collected } from "@fetchml/protocol";
import { measureTrees, removeTrees } from "./tree-tools.ts";

/** What was removed for good, by kind; `strays` is what an earlier server had taken and not removed. */
export type Emptied = ReadonlyMap<Collected, number>;

/**
 * A folder for what is to be removed, beside the things themselves, so that they get there by a rename. Whatever dies when,
 * a thing is either where it was or in the trash, whole, and the next {@link empty} removes what lies there.
 */
export class Trash {
  readonly #folder: string;
  readonly #kinds = new Map<string, Collected>();

  /** Nothing is made before the first {@link take}. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Takes a file or folder; false when there is none. A link is taken itself. Synchronous, a few microseconds, so that what was
   * looked up just before still holds.
   * @throws the system's error when it cannot be moved
   */
  take(path: string, kind: Collected): boolean {
    const name = randomUUID();
    try {
      if (!this.#move(path, join(this.#folder, name))) return false;
    } catch (error) {
      if (codeOf(error) !== "EACCES") throw error;
      // A plain account's job may have made its folders read-only; to move a folder takes the right to write in it.
      makeWritable(dirname(path));
      makeWritable(path);
      if (!this.#move(path, join(this.#folder, name))) return false;
    }
    this.#kinds.set(name, kind);
    return true;
  }

  /**
   * Removes for good what lies in the trash. Resolves with the bytes that the disk got back, and whether nothing is left.
   * @throws what the signal was aborted with; the rest stays for the next time
   */
  async empty(
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Emptied; readonly isEmpty: boolean }> {
    const bytes = new Map<Collected, number>();
    let isEmpty = true;
    for (const some of inGroups(namesIn(this.#folder), NAMES_A_TURN)) {
      const paths = some.map((name) => join(this.#folder, name));
      const sizes = await measureTrees(paths, signal, { unlock: true });
      isEmpty = (await removeTrees(paths, signal)) && isEmpty;
      for (const name of some) {
        const kind = this.#kinds.get(name) ?? "strays";
        this.#kinds.delete(name);
        const size = sizes.get(join(this.#folder, name)) ?? 0;
        bytes.set(kind, (bytes.get(kind) ?? 0) + size);
      }
    }
    return { bytes, isEmpty };
  }

  #move(from: string, to: string): boolean {
    try {
      renameSync(from, to);
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    // Either the thing is not there or the trash is not.
    if (!isThere(from)) return false;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    renameSync(from, to);
    return true;
  }
}

const NAMES_A_TURN = 500;

/** Linux: opens a folder as a mere name, which takes no right to it. Node has no constant for it. */
const O_PATH = 0o10000000;

/** Lets the owner write in a folder. Through a descriptor that was opened without following a link: `chmod` would follow it. */
function makeWritable(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  } catch {
    return;
  }
  try {
    chmodSync(`/proc/self/fd/${fd}`, (fstatSync(fd).mode & 0o777) | 0o700);
  } finally {
    closeSync(fd);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function* inGroups<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
