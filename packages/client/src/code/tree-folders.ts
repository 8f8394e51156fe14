// The folders of a tree.
import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@fetchml/protocol";

/** The folders that the paths need, those nearer the root first. */
export function foldersOf({ entries }: Manifest): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
      folders.add(path.slice(0, end));
    }
  }
  // A folder is shorter than what lies in it.
  return [...folders].toSorted((a, b) => a.length - b.length);
}

/**
 * Makes the folders that a tree needs. Stops at the first in whose place something else stands, a file or a link, though that may
 * lead to a folder, and answers it; `null` when all are there. Asked of the file system and not of names: on a Mac a link `SRC` stands in the place of `src`.
 */
export function makeFolders(target: string, folders: readonly string[]): string | null {
  for (const folder of folders) {
    const place = join(target, folder);
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found === undefined) mkdirSync(place);
    else if (!found.isDirectory()) return folder;
  }
  return null;
}
