// Tells what one name in a folder of outputs is.
import { lstat, readlink } from "node:fs/promises";
import type { Stats } from "node:fs";
import { containsApiKey, redactApiKeys, type OutputEntry } from "@fetchml/protocol";
import type { OpenFolder } from "./folder-names.ts";
import { targetInside } from "./link-target.ts";
import { isForeign, type OutputFolder } from "./output-folder.ts";
import { hasCode } from "./pinned.ts";
import { isTooLarge, modifiedAt } from "./told-numbers.ts";

/** What a name is: an entry of the list, or the path of a folder, relative to the outputs. */
export type Look = OutputEntry | string;

/** Looks at a name in an open folder at `path`; `null` for what has gone. Nothing is opened and no link followed. */
export async function lookAt(
  folder: OutputFolder,
  { place }: OpenFolder,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<Look | null> {
  const whole = below(path, name);
  if (containsApiKey(whole)) {
    return leftOut(redactApiKeys(whole), "name-holds-key");
  }
  try {
    const stats = await lstat(`${place}/${name}`);
    if (stats.isDirectory()) return whole;
    if (isTooLong(folder, whole)) return leftOut(whole, "path-too-long");
    if (stats.isFile()) return fileEntry(folder, whole, stats);
    if (!stats.isSymbolicLink()) return leftOut(whole, "not-a-file");
    const target = await readlink(`${place}/${name}`, "buffer");
    return linkEntry(folder, whole, target);
  } catch (error) {
    if (hasCode(error, GONE)) return null;
    if (hasCode(error, UNREADABLE)) return leftOut(whole, "unreadable");
    throw error;
  }
}

/** An entry that is named and not given out. */
export function leftOut(
  path: string,
  reason: Extract<OutputEntry, { kind: "left-out" }>["reason"],
): OutputEntry {
  return { kind: "left-out", path, reason };
}

/** The path of a name in the folder at `path`. */
export function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

/** Whether a path in the outputs is longer than the system takes. */
export function isTooLong(folder: OutputFolder, path: string): boolean {
  return Buffer.byteLength(folder.path) + 1 + Buffer.byteLength(path) > LONGEST_PATH_BYTES;
}

/** Codes of the system for what may not be read, or cannot. */
export const UNREADABLE: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EIO"]);

function fileEntry(folder: OutputFolder, path: string, stats: Stats): OutputEntry {
  if (isForeign(folder, stats)) return leftOut(path, "foreign-file");
  if (isTooLarge(stats)) return leftOut(path, "unreadable");
  return {
    kind: "file",
    path,
    size_bytes: stats.size,
    modified_at: modifiedAt(stats),
    executable: (stats.mode & 0o100) !== 0,
  };
}

function linkEntry(folder: OutputFolder, path: string, bytes: Buffer): OutputEntry {
  const target = bytes.toString();
  if (!Buffer.from(target).equals(bytes)) return leftOut(path, "name-not-utf8");
  if (containsApiKey(target)) return leftOut(path, "name-holds-key");
  return {
    kind: "symlink",
    path,
    target: targetInside([folder.path, ...folder.aliases], path, target),
  };
}

/** PATH_MAX with the NUL at the end. */
const LONGEST_PATH_BYTES = 4095;

const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EINVAL"]);
