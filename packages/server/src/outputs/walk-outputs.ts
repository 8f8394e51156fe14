// Lists what lies in a folder of outputs, however many, however named, and while the job changes it.
import { lstat, readlink } from "node:fs/promises";
import type { Stats } from "node:fs";
import { containsApiKey, redactApiKeys, type OutputEntry } from "@fetchml/protocol";
import { readNames } from "./folder-names.ts";
import { targetInside } from "./link-target.ts";
import { isForeign, pinInside, type OutputFolder } from "./output-folder.ts";
import { hasCode, type Pinned } from "./pinned.ts";

/** The most entries that are listed of one folder of outputs. */
export const MOST_ENTRIES = 1_000_000;

/**
 * Every file and link, and by name what is not given out; a piece at a time, each folder's own entries before those of the
 * folders in it, sorted. Folders themselves are not listed. What comes or goes meanwhile may be missing. The event loop is
 * never held up for longer than the names of one folder take.
 *
 * @returns whether that was all
 */
export async function* walkOutputs(
  folder: OutputFolder,
  mostEntries = MOST_ENTRIES,
): AsyncGenerator<readonly OutputEntry[], boolean, undefined> {
  const ahead: string[] = [""];
  let left = mostEntries;
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    const inner: string[] = [];
    for await (const entries of listFolder(folder, path, inner)) {
      yield entries.slice(0, left);
      if (entries.length > left) return false;
      left -= entries.length;
    }
    for (const name of inner.toReversed()) ahead.push(name);
  }
  return true;
}

/** So many are asked about at once. */
const AT_ONCE = 64;

/** The entries of one folder; the folders in it are put into `inner`. */
async function* listFolder(
  folder: OutputFolder,
  path: string,
  inner: string[],
): AsyncGenerator<readonly OutputEntry[], void, undefined> {
  const listed = await openFolder(folder, path);
  if (listed === null) return;
  if ("kind" in listed) return yield [listed];
  using pinned = listed.pinned;
  const { names, foreign } = listed;
  if (foreign.length > 0) yield foreign.map((name) => leftOut(below(path, name), "name-not-utf8"));
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    const looks = await Promise.all(some.map((name) => look(folder, pinned, { path, name })));
    const entries: OutputEntry[] = [];
    for (const one of looks) {
      if (typeof one === "string") inner.push(one);
      else if (one !== null) entries.push(one);
    }
    yield entries;
  }
}

async function openFolder(folder: OutputFolder, path: string) {
  let pinned: Pinned | null = null;
  try {
    pinned = pinInside(folder, path);
    if (pinned?.stats.isDirectory() !== true) {
      pinned?.[Symbol.dispose]();
      // It was a folder a moment ago, or its path is longer than the system takes.
      return isTooLong(folder, path) ? leftOut(path, "path-too-long") : null;
    }
    return { pinned, ...(await readNames(pinned.place)) };
  } catch (error) {
    pinned?.[Symbol.dispose]();
    if (hasCode(error, UNREADABLE)) return leftOut(path, "unreadable");
    throw error;
  }
}

/** An entry, or the path of a folder, or `null` for what has gone. */
async function look(
  folder: OutputFolder,
  { place }: Pinned,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<OutputEntry | string | null> {
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

function fileEntry(folder: OutputFolder, path: string, stats: Stats): OutputEntry {
  if (isForeign(folder, stats)) return leftOut(path, "foreign-file");
  return {
    kind: "file",
    path,
    size_bytes: stats.size,
    modified_at: Math.max(0, Math.floor(stats.mtimeMs)),
    executable: (stats.mode & 0o100) !== 0,
  };
}

function linkEntry(folder: OutputFolder, path: string, bytes: Buffer): OutputEntry {
  const target = bytes.toString();
  if (!Buffer.from(target).equals(bytes)) return leftOut(path, "name-not-utf8");
  if (containsApiKey(target)) return leftOut(path, "name-holds-key");
  return { kind: "symlink", path, target: targetInside(folder.path, path, target) };
}

function leftOut(
  path: string,
  reason: Extract<OutputEntry, { kind: "left-out" }>["reason"],
): OutputEntry {
  return { kind: "left-out", path, reason };
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

/** PATH_MAX with the NUL at the end. */
const LONGEST_PATH_BYTES = 4095;

function isTooLong(folder: OutputFolder, path: string): boolean {
  return Buffer.byteLength(folder.path) + 1 + Buffer.byteLength(path) > LONGEST_PATH_BYTES;
}

const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EINVAL"]);

const UNREADABLE: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EIO"]);
