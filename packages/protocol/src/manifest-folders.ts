// What the paths of a manifest, one after the other, make of folders: which begin where, and which names stand beside each other.
import { foldName } from "./manifest-fold.ts";
import type { TreeRules } from "./manifest-rules.ts";

/** What a path cannot stand beside. */
export type Misfit =
  /** It lies below this, which is no folder. */
  | { readonly kind: "below"; readonly path: string }
  /** It, or a folder above it, has the same name as the first of these on a Mac or on Windows. */
  | { readonly kind: "same-name"; readonly paths: readonly [string, string] };

/** The paths of a tree so far. */
export interface TreeNames {
  /** How many folders they have in all. */
  readonly folders: number;
  /** Takes the next path. What does not fit beside those before it; `null` if nothing. */
  take(path: string): Misfit | null;
}

/**
 * Begins a tree. Give it the paths in the order of a manifest, and none twice: then all that lies in a folder comes in a row, and only
 * what is in the folders above the last path is kept. Each path takes work in proportion to its length.
 */
export function createTreeNames({ foldsNames }: Pick<TreeRules, "foldsNames">): TreeNames {
  const open: [OpenFolder, ...OpenFolder[]] = [{ end: 0, entries: new Map() }];
  let folders = 0;
  let before = "";
  // Of the last path, with a slash behind.
  let folder = "";
  return {
    get folders() {
      return folders;
    },
    take: (path) => {
      const shared = path.startsWith(folder) ? folder.length : sharedLength(before, path);
      let within = open.at(-1) ?? open[0];
      while (within.end > shared) {
        open.pop();
        within = open.at(-1) ?? open[0];
      }
      before = path;
      for (let end = path.indexOf("/", within.end); end !== -1; end = path.indexOf("/", end + 1)) {
        // With the slash, which tells folders from others.
        const misfit = enter(within, path, { end: end + 1, foldsNames });
        if (misfit !== null) return misfit;
        within = { end: end + 1, entries: new Map() };
        open.push(within);
        folders += 1;
      }
      if (folder.length !== within.end || shared < within.end) folder = path.slice(0, within.end);
      return enter(within, path, { end: path.length, foldsNames });
    },
  };
}

/**
 * The first two paths, or folders on the way to them, that Windows or macOS would take for one. `null` when there are none.
 * @param paths in the order of a manifest
 */
export function findPathClash(paths: Iterable<string>): readonly [string, string] | null {
  const names = createTreeNames({ foldsNames: true });
  for (const path of paths) {
    const misfit = names.take(path);
    if (misfit?.kind === "same-name") return misfit.paths;
  }
  return null;
}

/** How many folders begin with a path: those on the way to it that are not on the way to the one before it in the manifest. */
export function foldersBegun(path: string, before: string): number {
  const folder = path.lastIndexOf("/") + 1;
  // Mostly they lie in the same one.
  if (folder === 0 || before.startsWith(path.slice(0, folder))) return 0;
  let folders = 0;
  const shared = sharedLength(before, path);
  for (let end = path.indexOf("/", shared); end !== -1; end = path.indexOf("/", end + 1)) {
    folders += 1;
  }
  return folders;
}

/** How many characters two paths have in common from the first on. */
export function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}

interface OpenFolder {
  /** Of its path, with the slash behind; characters. */
  readonly end: number;
  /** What is in it, by the name that all spellings have in common; a folder with a slash behind. */
  readonly entries: Map<string, string>;
}

/** Takes what a path has between the folder's end and `end` into the folder. */
function enter(
  folder: OpenFolder,
  path: string,
  { end, foldsNames }: { readonly end: number; readonly foldsNames: boolean },
): Misfit | null {
  const entry = path.slice(folder.end, end);
  const name = entry.endsWith("/") ? entry.slice(0, -1) : entry;
  const key = foldsNames ? foldName(name) : name;
  const known = folder.entries.get(key);
  if (known === undefined) {
    folder.entries.set(key, entry);
    return null;
  }
  const knownName = known.endsWith("/") ? known.slice(0, -1) : known;
  const above = path.slice(0, folder.end);
  return knownName === name
    ? { kind: "below", path: above + name }
    : { kind: "same-name", paths: [above + knownName, above + name] };
}
