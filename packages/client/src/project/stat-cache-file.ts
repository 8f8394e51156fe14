// The file in which `ml` remembers what it found out about a project.
import { mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FileStamp, Watched } from "./file-stamp.ts";
import type { KeptGitState } from "./known-git-state.ts";
import type { KeptGitFacts } from "./same-tree.ts";

/**
 * What is remembered. One array per field: that of 1,000 files is read in 0.8 ms and that of 20,000 in 10 ms, like a binary
 * form and in a third of the time that lines of text take.
 */
export interface StatCacheHead {
  readonly root: string;
  /** When the reading of the newest of it began; epoch milliseconds. */
  readonly looked_at: number;
  /** Whether all of it had surely changed for the last time before that. */
  readonly is_settled: boolean;
  /** Id of the snapshot that the entries made. */
  readonly snapshot: string;
  readonly git: KeptGitFacts | null;
  readonly git_state: KeptGitState | null;
  /** Folders that are work trees of their own. */
  readonly nested: readonly string[];
  /** What the names were made from; `null` when they must be listed each time. */
  readonly request: string | null;
  readonly watched_paths: readonly string[];
  readonly watched_stamps: StampColumns;
  /** The files in the order of a manifest. */
  readonly paths: readonly string[];
  readonly stamps: StampColumns;
  /** Links: how many files come before it, path, target. */
  readonly links: readonly (readonly [number, string, string])[];
  /** Files that are taken for secrets: place in `paths`, and why. */
  readonly secrets: readonly (readonly [number, string])[];
}

/** Stamps of many things; what is not there has -1 everywhere. */
export interface StampColumns {
  readonly mtimes: readonly number[];
  readonly ctimes: readonly number[];
  readonly sizes: readonly number[];
  readonly inodes: readonly number[];
  /** One `x` or `-` each. */
  readonly executables: string;
}

/** What a cache file holds. */
export interface StatCacheContent {
  readonly head: StatCacheHead;
  /** 64 hexadecimal digits for each of `head.paths`. Kept apart since an unchanged project has no need of them. */
  readonly hashes: string;
}

/** Where the cache of a project lies, below the cache folder of `ml`. */
export function statCacheFile(cacheDir: string, root: string): string {
  const name = new Bun.CryptoHasher("sha256").update(root).digest("hex").slice(0, 32);
  return join(cacheDir, "projects", name);
}

/** Reads a cache. `null` when it is missing, damaged, of another project or of another release. */
export function readStatCache(file: string, root: string): StatCacheContent | null {
  try {
    const text = readFileSync(file, "utf8");
    const [mark, headText = "", hashes = ""] = text.split("\n", 3);
    if (mark !== markOf(headText, hashes)) return null;
    const head: unknown = JSON.parse(headText);
    return isHead(head) && head.root === root ? { head, hashes } : null;
  } catch {
    return null;
  }
}

/**
 * Writes a cache, 0600, whole or not at all. Where that is not possible the next call reads all files again, which is slow
 * and right; so no error is thrown.
 */
export function writeStatCache(file: string, { head, hashes }: StatCacheContent): void {
  const headText = JSON.stringify(head);
  const temporary = `${file}.${crypto.randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const text = `${markOf(headText, hashes)}\n${headText}\n${hashes}\n`;
    writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
    renameSync(temporary, file);
  } catch {
    removeIfThere(temporary);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It never came to be, or it stays: nobody reads it.
  }
}

/** Many stamps as columns. */
export function toColumns(stamps: readonly (FileStamp | null)[]): StampColumns {
  return {
    mtimes: stamps.map((stamp) => stamp?.mtimeMs ?? -1),
    ctimes: stamps.map((stamp) => stamp?.ctimeMs ?? -1),
    sizes: stamps.map((stamp) => stamp?.sizeBytes ?? -1),
    inodes: stamps.map((stamp) => stamp?.inode ?? -1),
    executables: stamps.map((stamp) => (stamp?.executable === true ? "x" : "-")).join(""),
  };
}

/** The stamp in one place of the columns; `null` for what is not there. */
export function stampAt(columns: StampColumns, place: number): FileStamp | null {
  const mtimeMs = columns.mtimes[place] ?? -1;
  const ctimeMs = columns.ctimes[place] ?? -1;
  if (mtimeMs === -1 && ctimeMs === -1) return null;
  return {
    mtimeMs,
    ctimeMs,
    sizeBytes: columns.sizes[place] ?? -1,
    inode: columns.inodes[place] ?? -1,
    executable: columns.executables[place] === "x",
  };
}

/** What was remembered of folders and ignore files. */
export function watchedIn(head: StatCacheHead): readonly Watched[] {
  const watched: Watched[] = [];
  for (const [place, path] of head.watched_paths.entries()) {
    watched.push({ path, stamp: stampAt(head.watched_stamps, place) });
  }
  return watched;
}

/**
 * The number of the format and a checksum: the file is not synced, so that a crash may leave anything in it. The number also
 * changes with what counts as a secret, since files that are known are not searched again, and with what counts as dirty.
 */
function markOf(headText: string, hashes: string): string {
  return `ml-stat-cache 7 ${Bun.hash(headText).toString(16)} ${Bun.hash(hashes).toString(16)}`;
}

/** The mark shows that this very code has written it, so that one look at the shape is enough. */
function isHead(value: unknown): value is StatCacheHead {
  return typeof value === "object" && value !== null && "root" in value && "stamps" in value;
}
