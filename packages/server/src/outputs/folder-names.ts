// The names in one folder, those that are no text told apart.
import { readdir } from "node:fs/promises";

/** What a folder holds. */
export interface FolderNames {
  /** Sorted by their UTF-16 units. */
  readonly names: readonly string[];
  /** Names that are not UTF-8, with such bytes as `\xNN`. */
  readonly foreign: readonly string[];
}

/** Reads the names. @throws the system's error when the folder cannot be read */
export async function readNames(folder: string): Promise<FolderNames> {
  const names = await readdir(folder);
  names.sort();
  if (!names.some((name) => name.includes(REPLACEMENT))) return { names, foreign: [] };
  const all = await readdir(folder, { encoding: "buffer" });
  return {
    names: all
      .filter(isText)
      .map((bytes) => bytes.toString())
      .toSorted(),
    foreign: all
      .filter((bytes) => !isText(bytes))
      .map(escaped)
      .toSorted(),
  };
}

const REPLACEMENT = "\ufffd";

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

function escaped(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[^ -~]/g, (byte) => `\\x${Buffer.from(byte, "latin1").toString("hex")}`);
}
