// Tells what differs between a project as it was remembered and as it is now.
import { comparePaths, type ManifestChange, type ManifestEntry } from "@fetchml/protocol";
import type { HashedEntry } from "./hash-found.ts";
import type { StatCacheContent } from "./stat-cache-file.ts";

/** More than these are not told one by one: the whole list is hardly longer then, and nobody has to apply anything. */
const MOST_CHANGED = 4000;

/**
 * The change from the snapshot that was remembered to this one; `null` when more has changed than is worth it.
 *
 * @param now the entries of the snapshot in the order of a manifest
 */
export function changeSince(
  { head, hashes }: StatCacheContent,
  { snapshot, now }: { readonly snapshot: string; readonly now: readonly HashedEntry[] },
): ManifestChange | null {
  const { paths, stamps, links } = head;
  const removed: string[] = [];
  const entries: ManifestEntry[] = [];
  const linksNow: Link[] = [];
  let place = 0;
  for (const entry of now) {
    if (entry.kind === "symlink") {
      linksNow.push(entry);
      continue;
    }
    // Behind it in the order: what stood before it and does not now has gone.
    while (isBefore(paths[place], entry.path)) removed.push(paths[place++] ?? "");
    const { path, stamp, hash } = entry;
    const isKnown = paths[place] === path;
    const isSame =
      isKnown &&
      hashes.startsWith(hash, HASH_LENGTH * place) &&
      stamps.sizes[place] === stamp.sizeBytes &&
      stamps.executables[place] === (stamp.executable ? "x" : "-");
    if (isKnown) place += 1;
    if (isSame) continue;
    const { sizeBytes: size_bytes, executable } = stamp;
    entries.push({ kind: "file", path, size_bytes, hash, executable });
    if (entries.length > MOST_CHANGED) return null;
  }
  removed.push(...paths.slice(place));
  const targets = new Map(links.map(([, path, target]) => [path, target]));
  for (const link of linksNow) {
    if (targets.get(link.path) !== link.target) entries.push(link);
    targets.delete(link.path);
  }
  removed.push(...targets.keys());
  if (removed.length + entries.length > MOST_CHANGED) return null;
  // What has become a link, or a file, has not gone.
  const replaced = new Set(entries.map(({ path }) => path));
  return {
    version: 1,
    base: head.snapshot,
    snapshot,
    removed: removed.filter((path) => !replaced.has(path)).toSorted(comparePaths),
    entries: entries.toSorted((a, b) => comparePaths(a.path, b.path)),
  };
}

type Link = Extract<HashedEntry, { readonly kind: "symlink" }>;

const HASH_LENGTH = 64;

function isBefore(known: string | undefined, path: string): boolean {
  return known !== undefined && known !== path && comparePaths(known, path) < 0;
}
