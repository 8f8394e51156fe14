// What changed between two trees, told from their manifests alone.
import { comparePaths, type Manifest, type ManifestEntry } from "@fetchml/protocol";

/** One change. A file that has become a link, or the other way round, is removed and added. */
export type TreeChange =
  | { readonly kind: "added"; readonly before: null; readonly after: ManifestEntry }
  | { readonly kind: "removed"; readonly before: ManifestEntry; readonly after: null }
  /** The same path and kind of thing; content, target or executable bit differ. */
  | { readonly kind: "changed"; readonly before: ManifestEntry; readonly after: ManifestEntry }
  /** The same content under another path. */
  | { readonly kind: "renamed"; readonly before: ManifestEntry; readonly after: ManifestEntry };

/** The path under which a change is listed. */
export function pathOf({ before, after }: TreeChange): string {
  return (after ?? before)?.path ?? "";
}

/**
 * All changes, ordered by path.
 * @param paths files and folders, relative to the root; only what is one of them or lies below counts. Empty: everything.
 */
export function compareTrees(
  before: Manifest,
  after: Manifest,
  paths: readonly string[] = [],
): readonly TreeChange[] {
  const isWanted = wantedBy(paths);
  const old = new Map(before.entries.filter(isWanted).map((entry) => [entry.path, entry]));
  const added: ManifestEntry[] = [];
  const changes: TreeChange[] = [];
  for (const entry of after.entries) {
    if (!isWanted(entry)) continue;
    const earlier = old.get(entry.path);
    if (earlier === undefined) added.push(entry);
    else if (earlier.kind !== entry.kind) {
      // Git takes patches in this order.
      changes.push({ kind: "removed", before: earlier, after: null });
      changes.push({ kind: "added", before: null, after: entry });
    } else if (!isSame(earlier, entry)) {
      changes.push({ kind: "changed", before: earlier, after: entry });
    }
    old.delete(entry.path);
  }
  const { renamed, rest } = findRenames([...old.values()], added);
  changes.push(...renamed, ...rest);
  return changes.toSorted((a, b) => comparePaths(pathOf(a), pathOf(b)));
}

/** Those of the paths that are in neither tree. */
export function unknownPaths(
  paths: readonly string[],
  trees: readonly Manifest[],
): readonly string[] {
  return paths.filter((path) => {
    const isWanted = wantedBy([path]);
    return !trees.some(({ entries }) => entries.some(isWanted));
  });
}

function wantedBy(paths: readonly string[]): (entry: ManifestEntry) => boolean {
  const wanted = paths.map((path) => path.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, ""));
  if (wanted.length === 0 || wanted.some((path) => path === "" || path === ".")) return () => true;
  return ({ path }) => wanted.some((one) => path === one || path.startsWith(`${one}/`));
}

function isSame(a: ManifestEntry, b: ManifestEntry): boolean {
  if (a.kind === "symlink") return b.kind === "symlink" && a.target === b.target;
  return b.kind === "file" && a.hash === b.hash && a.executable === b.executable;
}

/** A file that went and one of the same content that came are one that was renamed, most likely one of the same name. */
function findRenames(
  removed: readonly ManifestEntry[],
  added: readonly ManifestEntry[],
): { readonly renamed: readonly TreeChange[]; readonly rest: readonly TreeChange[] } {
  const earlier = new Map<ManifestEntry, ManifestEntry>();
  const taken = new Set<ManifestEntry>();
  for (const keyOf of [contentAndName, contentOf]) {
    const gone = Map.groupBy(
      removed.filter((entry) => !taken.has(entry)),
      keyOf,
    );
    for (const after of added) {
      const key = keyOf(after);
      const before = key === null || earlier.has(after) ? undefined : gone.get(key)?.shift();
      if (before === undefined) continue;
      taken.add(before);
      earlier.set(after, before);
    }
  }
  return {
    renamed: [...earlier].map(([after, before]) => ({ kind: "renamed", before, after })),
    rest: [
      ...removed.flatMap((before): TreeChange[] =>
        taken.has(before) ? [] : [{ kind: "removed", before, after: null }],
      ),
      ...added.flatMap((after): TreeChange[] =>
        earlier.has(after) ? [] : [{ kind: "added", before: null, after }],
      ),
    ],
  };
}

/** By which content a rename is known; `null` for what is too common to tell anything. */
function contentOf(entry: ManifestEntry): string | null {
  return entry.kind === "file" && entry.size_bytes > 0 ? entry.hash : null;
}

function contentAndName(entry: ManifestEntry): string | null {
  const content = contentOf(entry);
  return content && `${content}/${entry.path.slice(entry.path.lastIndexOf("/") + 1)}`;
}
