// Remembers a project from one call to the next, so that what has not changed is not read again.
import { lstatSync, type Stats } from "node:fs";
import { isOlder, isSameStamp, stampOf, type FileStamp } from "./file-stamp.ts";
import type { KeptGitState } from "./known-git-state.ts";
import type { FileContent, HashedEntry } from "./hash-found.ts";
import { obstacleAt, type Obstacle } from "./refusal.ts";
import type { ProjectTree } from "./project-tree.ts";
import { stampAt, toColumns, type StatCacheContent } from "./stat-cache-file.ts";
import type { Found } from "./walk.ts";

/** What to remember of a project. */
export interface Remembered {
  readonly root: string;
  /** When the reading of the newest of it began; epoch milliseconds. */
  readonly lookedAt: number;
  readonly snapshot: string;
  readonly tree: ProjectTree;
  readonly gitState: KeptGitState | null;
  readonly entries: readonly HashedEntry[];
}

/** Puts what was found out into the form of the cache. */
export function toCacheContent(from: Remembered): StatCacheContent {
  const files: Extract<HashedEntry, { readonly kind: "file" }>[] = [];
  const links: [number, string, string][] = [];
  for (const entry of from.entries) {
    if (entry.kind === "file") files.push(entry);
    else links.push([files.length, entry.path, entry.target]);
  }
  const watched = from.tree.kept?.watched ?? [];
  const isSettled = [...files, ...watched].every(
    ({ stamp }) => stamp === null || isOlder(stamp, from.lookedAt),
  );
  return {
    head: {
      root: from.root,
      looked_at: from.lookedAt,
      is_settled: isSettled,
      snapshot: from.snapshot,
      git: from.tree.git,
      git_state: from.gitState,
      nested: from.tree.nested,
      request: from.tree.kept?.request ?? null,
      watched_paths: watched.map(({ path }) => path),
      watched_stamps: toColumns(watched.map(({ stamp }) => stamp)),
      paths: files.map(({ path }) => path),
      stamps: toColumns(files.map(({ stamp }) => stamp)),
      links,
      secrets: files.flatMap(({ secret }, place) => (secret === null ? [] : [[place, secret]])),
    },
    hashes: files.map(({ hash }) => hash).join(""),
  };
}

/**
 * Answers what is known of a file that cannot have changed since it was hashed, `null` for any other. What it knows was also
 * searched for API keys, and had none. Quickest when asked in the order of a manifest.
 */
export function contentLookup({
  head,
  hashes,
}: StatCacheContent): (path: string, stamp: FileStamp) => FileContent | null {
  const { paths, stamps, looked_at } = head;
  let places: ReadonlyMap<string, number> | null = null;
  let next = 0;
  const secrets = new Map(head.secrets);
  return (path, stamp) => {
    let place: number | undefined = next;
    if (paths[next] !== path) {
      places ??= new Map(paths.map((known, index) => [known, index]));
      place = places.get(path);
      if (place === undefined) return null;
    }
    next = place + 1;
    const known = stampAt(stamps, place);
    if (known === null || !isSameStamp(known, stamp) || !isOlder(known, looked_at)) return null;
    return { hash: hashAt(hashes, place), secret: secrets.get(place) ?? null };
  };
}

/** The files that were taken for secrets, as what stands in the way of sending them. */
export function rememberedSecrets({ head }: StatCacheContent): readonly Obstacle[] {
  if (head.secrets.length === 0) return [];
  return head.secrets.map(([place, why]) => obstacleAt(head.paths[place] ?? "", why));
}

/** Whether none of the files can have changed, by what {@link countUntouched} says. */
export function areAllUntouched({ head }: StatCacheContent, untouched: number): boolean {
  return head.is_settled && untouched === head.paths.length;
}

/** How many files, from the first on, cannot have changed. Looks at each until one may have, reads none. */
export async function countUntouched({ head }: StatCacheContent): Promise<number> {
  const { paths, stamps } = head;
  const { mtimes, ctimes, sizes, inodes } = stamps;
  if (!head.is_settled) return 0;
  const before = wayTo(head);
  // Written out rather than with stamps: it is the longest step of an unchanged `ml queue`.
  let place = 0;
  try {
    for (; place < paths.length; place++) {
      // The connection to the server is being made meanwhile.
      if (place % FILES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      const stat = lstatSync(`${before}${paths[place]}`, MAYBE);
      if (
        stat === undefined ||
        stat.mtimeMs !== mtimes[place] ||
        stat.ctimeMs !== ctimes[place] ||
        stat.size !== sizes[place] ||
        stat.ino !== inodes[place]
      ) {
        break;
      }
    }
  } catch {
    // A folder on the way to it became a file or may not be entered, which `throwIfNoEntry` does not cover.
  }
  return place;
}

/**
 * The remembered names with what stands there now. `null` when one has gone, or the way to it is no way any more: its folder became a file or
 * may not be entered, and other names may have come.
 *
 * @param untouched so many files, from the first on, are not looked at again, since they cannot have changed
 */
export function foundAgain(content: StatCacheContent, untouched = 0): readonly Found[] | null {
  const before = wayTo(content.head);
  let isThere = true;
  const found = inOrder(content, (path, place): Found | null => {
    if (place < untouched) {
      const stamp = stampAt(content.head.stamps, place);
      return stamp && { kind: "file", path, stamp };
    }
    const stat = isThere ? lookAt(`${before}${path}`) : null;
    if (stat === null) isThere = false;
    return stat && { kind: "file", path, stamp: stampOf(stat) };
  });
  return isThere ? found : null;
}

/** Everything as it was remembered. */
export function rememberedEntries(content: StatCacheContent): readonly HashedEntry[] {
  const secrets = new Map(content.head.secrets);
  return inOrder(content, (path, place): HashedEntry | null => {
    const stamp = stampAt(content.head.stamps, place);
    const secret = secrets.get(place) ?? null;
    return stamp && { kind: "file", path, stamp, hash: hashAt(content.hashes, place), secret };
  });
}

/** So many take half a millisecond. */
const FILES_A_TURN = 256;

const MAYBE = { throwIfNoEntry: false } as const;

/** What stands before a path. From the working folder names are looked up in two thirds of the time that whole paths take. */
function wayTo({ root }: StatCacheContent["head"]): string {
  return root === process.cwd() ? "" : `${root}/`;
}

/** `null` for nothing, and where it cannot be looked at, since a folder above is a file or may not be entered. */
function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path, MAYBE) ?? null;
  } catch {
    return null;
  }
}

const HASH_LENGTH = 64;

function hashAt(hashes: string, place: number): string {
  return hashes.slice(HASH_LENGTH * place, HASH_LENGTH * (place + 1));
}

type Link = Extract<Found, { readonly kind: "symlink" }>;

/** Files and links together, in the order of a manifest. */
function inOrder<T>(
  { head }: StatCacheContent,
  fileAt: (path: string, place: number) => T | null,
): readonly (T | Link)[] {
  const entries: (T | Link)[] = [];
  let nextLink = 0;
  for (let place = 0; place <= head.paths.length; place++) {
    for (let link = head.links[nextLink]; link?.[0] === place; link = head.links[nextLink]) {
      entries.push({ kind: "symlink", path: link[1], target: link[2] });
      nextLink += 1;
    }
    const path = head.paths[place];
    const file = path === undefined ? null : fileAt(path, place);
    if (file !== null) entries.push(file);
  }
  return entries;
}
