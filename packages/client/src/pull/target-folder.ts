// The folder into which a pull writes, and never out of it: no link inside it is followed.
import { lstatSync, mkdirSync, realpathSync, statSync, type Stats } from "node:fs";
import { dirname, join, sep } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { hasCode, reasonOf } from "./system-error.ts";

/** A target that is there. */
export class TargetFolder {
  /** Absolute path without a link in it. */
  readonly path: string;
  readonly #known = new Set<string>();

  /** @param path absolute, without links */
  constructor(path: string) {
    this.path = path;
  }

  /** The absolute path of something in the target. */
  at(localPath: string): string {
    return join(this.path, ...localPath.split("/"));
  }

  /** What is at a path in the target, links not followed; `null` for nothing, also where the way to it is none. */
  look(localPath: string): Stats | null {
    try {
      return lstatSync(this.at(localPath), { throwIfNoEntry: false }) ?? null;
    } catch (error) {
      if (hasCode(error, "ENOTDIR")) return null;
      throw error;
    }
  }

  /** Whether there is something at a path; not for a name that this disk does not take. */
  has(localPath: string): boolean {
    try {
      return this.look(localPath) !== null;
    } catch {
      return false;
    }
  }

  /**
   * Makes the folders above a path. `null` when that is done; else what is in the way, as the end of a sentence.
   *
   * @throws the system's error when a folder cannot be made
   */
  makeFolders(localPath: string): string | null {
    const names = localPath.split("/").slice(0, -1);
    for (let count = 1; count <= names.length; count++) {
      const folder = names.slice(0, count).join("/");
      if (this.#known.has(folder)) continue;
      const obstacle = makeFolder(this.at(folder));
      if (obstacle !== null) return liesBelow(folder, obstacle);
      this.#known.add(folder);
    }
    return null;
  }

  /**
   * What is in the way of a file or link at a path that it cannot replace: a folder in its place, or a link or a file where a
   * folder is needed. The end of a sentence; `null` for nothing.
   */
  obstacleTo(localPath: string): string | null {
    const names = localPath.split("/");
    for (let count = 1; count < names.length; count++) {
      const folder = names.slice(0, count).join("/");
      const stats = this.look(folder);
      if (stats === null) return null;
      if (!stats.isDirectory()) return liesBelow(folder, notFolder(stats));
    }
    return this.look(localPath)?.isDirectory() === true ? "is a folder here" : null;
  }

  /** Takes it that a folder may be gone: the next {@link makeFolders} makes it again. */
  forgetFolder(localPath: string): void {
    this.#known.delete(localPath);
  }

  /** Whether the way to a path leads where it says at this very moment. Asked right before something is put there. */
  isStraight(localPath: string): boolean {
    const folder = dirname(this.at(localPath));
    try {
      return realpathSync(folder) === folder;
    } catch {
      return false;
    }
  }
}

/**
 * Opens the target, and makes it where it is missing.
 *
 * @param path absolute
 * @param ownParts of those last parts none may be a link: they were not typed, and a project that came from somebody else
 *   may hold a link under that name, which would lead what the job wrote to where it runs
 * @throws FetchmlError bad-file
 */
export function openTarget(path: string, ownParts: number): TargetFolder {
  const parts = path.split(sep);
  for (let count = parts.length - ownParts + 1; count <= parts.length; count++) {
    const one = parts.slice(0, count).join(sep);
    if (lstatSync(one, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw isLink(one);
  }
  try {
    mkdirSync(path, { recursive: true });
    return new TargetFolder(realpathSync(path));
  } catch (error) {
    throw new FetchmlError(
      "bad-file",
      `Cannot pull into ${path}: ${folderTrouble(path, error)}.\nName another folder with -o DIR.`,
      { cause: error },
    );
  }
}

/** Why there is no such folder and none can be made, as the end of a sentence. */
function folderTrouble(path: string, error: unknown): string {
  if (hasCode(error, "EEXIST")) {
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    return isFile ? "it is a file, and no folder" : "it is no folder";
  }
  if (hasCode(error, "ENOENT")) return "that folder cannot be made";
  return reasonOf(error);
}

/** `null` when there is a folder now, else what is in its place. */
function makeFolder(path: string): string | null {
  for (;;) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return null;
    if (stats !== undefined) return notFolder(stats);
    try {
      mkdirSync(path);
      return null;
    } catch (error) {
      // Another one has just made it; what it is shows at the next look.
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
}

function notFolder(stats: Stats): string {
  return stats.isSymbolicLink() ? "a link" : "no folder";
}

function liesBelow(folder: string, obstacle: string): string {
  return `lies below ${JSON.stringify(folder)}, which is ${obstacle} here`;
}

function isLink(path: string): FetchmlError {
  return new FetchmlError(
    "bad-file",
    `Will not pull into ${path}: it is a link.\nIf it is meant, name the folder that it leads to with -o DIR.`,
  );
}
