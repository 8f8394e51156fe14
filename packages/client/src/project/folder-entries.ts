// Reads the names in one folder, in the order of a manifest.
import { lstatSync, readdirSync, type Dirent, type Stats } from "node:fs";
import { join } from "node:path";
import { comparePaths } from "@fetchml/protocol";

/** What stands under a name, as far as sending it matters. */
export type EntryKind = "file" | "folder" | "symlink" | "other";

/** One name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** A name that is not UTF-8 and so cannot be sent. */
export interface ForeignName {
  readonly bytes: Buffer;
  readonly isFolder: boolean;
}

/**
 * Everything in a folder, sorted so that a walk in this order meets paths as {@link comparePaths} orders them: by bytes,
 * a folder as if its name ended with a slash.
 *
 * @throws the system's error when the folder cannot be read
 */
export function readFolder(folder: string): {
  readonly entries: readonly FolderEntry[];
  readonly foreign: readonly ForeignName[];
} {
  const dirents = readdirSync(folder, { withFileTypes: true });
  const names = dirents.map(({ name }) => name).join("");
  const foreign = names.includes(REPLACEMENT) ? foreignNames(folder) : [];
  const entries: FolderEntry[] = [];
  for (const dirent of dirents) {
    const { name } = dirent;
    if (foreign.some(({ bytes }) => bytes.toString() === name)) continue;
    const kind = kindOf(dirent) ?? kindOf(lstatSync(join(folder, name), MAYBE));
    // Gone between the two looks: as if it had never been there.
    if (kind !== null) entries.push({ name, kind });
  }
  // UTF-16 orders like bytes but for surrogates and what stands above them.
  const compare = ABOVE_SURROGATES.test(names) ? comparePaths : compareUnits;
  return { entries: entries.toSorted((a, b) => compare(keyOf(a), keyOf(b))), foreign };
}

const REPLACEMENT = "\ufffd";

const MAYBE = { throwIfNoEntry: false } as const;

function foreignNames(folder: string): readonly ForeignName[] {
  return readdirSync(folder, { encoding: "buffer" })
    .filter((bytes) => !Buffer.from(bytes.toString()).equals(bytes))
    .map((bytes) => {
      const path = Buffer.concat([Buffer.from(`${folder}/`), bytes]);
      return { bytes, isFolder: lstatSync(path, MAYBE)?.isDirectory() === true };
    });
}

/** `null` where the file system does not say, or there is nothing. */
function kindOf(entry: Dirent | Stats | undefined): EntryKind | null {
  if (entry === undefined) return null;
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  if (entry.isSymbolicLink()) return "symlink";
  const isSpecial =
    entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
  return isSpecial ? "other" : null;
}

function keyOf({ name, kind }: FolderEntry): string {
  return kind === "folder" ? `${name}/` : name;
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

const ABOVE_SURROGATES = /[\ud800-\uffff]/;
