// The names in a folder that a job may have filled, a run at a time, those that are no text told apart.
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { readDirents } from "./read-dirents.ts";

/** Names of one run, and up to two thousand more: few enough that reading and sorting them holds nobody up, about 10 ms. */
export const RUN_NAMES = 5000;

/** Some names of a folder. */
export interface FolderNames {
  /** Sorted by their UTF-16 units. */
  readonly names: readonly string[];
  /** Names that are not UTF-8, with such bytes as `\xNN`; sorted. */
  readonly foreign: readonly string[];
}

/** A folder that is open for reading its names. */
export interface OpenFolder extends Disposable {
  /** A path that leads to the folder for as long as it is open; names below it may be added to it. */
  readonly place: string;
  /**
   * The next names, {@link RUN_NAMES} and some more, or all that are left; `null` after the last. Runs come in the order of the file
   * system, which is the same each time while nobody changes the folder.
   *
   * @throws the system's error when the folder cannot be read
   */
  next(): FolderNames | null;
  /** Closes it. Safe twice. */
  [Symbol.dispose](): void;
}

/** Opens a folder. @param path with no link at its end but that of a descriptor @throws the system's error */
export function openFolderNames(path: string): OpenFolder {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  let isOpen = true;
  return {
    place: `/proc/self/fd/${descriptor}`,
    next: () => readRun(descriptor),
    [Symbol.dispose]() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

function readRun(descriptor: number): FolderNames | null {
  const names: string[] = [];
  const foreign: string[] = [];
  while (names.length + foreign.length < RUN_NAMES) {
    const some = readDirents(descriptor);
    if (some === null) {
      // One that was removed meanwhile has no names any more.
      if (fstatSync(descriptor).nlink === 0) break;
      throw Object.assign(new Error("a folder cannot be read on"), { code: "EIO" });
    }
    if (some.length === 0) break;
    for (const bytes of some) {
      const name = bytes.toString();
      if (!name.includes(REPLACEMENT) || Buffer.from(name).equals(bytes)) names.push(name);
      else foreign.push(escaped(bytes));
    }
  }
  if (names.length + foreign.length === 0) return null;
  return { names: names.toSorted(), foreign: foreign.toSorted() };
}

const REPLACEMENT = "\ufffd";

function escaped(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[^ -~]/g, (byte) => `\\x${Buffer.from(byte, "latin1").toString("hex")}`);
}
