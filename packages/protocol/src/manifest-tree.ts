// Whether the entries of a manifest make a tree that harms nobody who writes it to disk. Both sides ask, neither trusts the other.
import { comparePaths } from "./manifest-bytes.ts";
import { createClashCheck, createLinkCheck, manifestPathProblem } from "./manifest-paths.ts";
import type { ManifestEntry } from "./snapshot.ts";

/**
 * What is wrong with the entries taken together, as the end of a sentence; `null` if nothing is: every path is one that may
 * stand, they are sorted and none stands twice, none lies below a file or a link, none is another's on a Mac or on Windows,
 * and every link stays inside.
 */
export function manifestTreeProblem(entries: readonly ManifestEntry[]): string | null {
  const steps = manifestTreeSteps(entries);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same for whoever has other things to do meanwhile: it pauses every now and then, and returns the answer. */
export function* manifestTreeSteps(
  entries: readonly ManifestEntry[],
): Generator<void, string | null, void> {
  return (yield* pathSteps(entries)) ?? (yield* linkSteps(entries));
}

function* pathSteps(entries: readonly ManifestEntry[]): Generator<void, string | null, void> {
  let before: ManifestEntry | null = null;
  const taken = new Set<string>();
  const clashOf = createClashCheck();
  for (const entry of entries) {
    const { path } = entry;
    const problem = manifestPathProblem(path);
    if (problem !== null) return `the path ${JSON.stringify(path)} ${problem}`;
    if (before !== null && comparePaths(before.path, path) >= 0) {
      return `the path ${JSON.stringify(path)} stands twice or in the wrong place`;
    }
    // Sorted by bytes, a file comes before whatever claims to lie below it.
    const parent = parentIn(taken, path);
    if (parent !== null) {
      return `the path ${JSON.stringify(path)} lies below ${JSON.stringify(parent)}, which is no folder`;
    }
    const clash = clashOf(path)?.map((name) => JSON.stringify(name));
    if (clash !== undefined) {
      return `the paths ${clash.join(" and ")} have the same name on a Mac and on Windows`;
    }
    taken.add(path);
    before = entry;
    if (taken.size % ENTRIES_BETWEEN_PAUSES === 0) yield;
  }
  return null;
}

const ENTRIES_BETWEEN_PAUSES = 64;

function parentIn(taken: ReadonlySet<string>, path: string): string | null {
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
    const parent = path.slice(0, end);
    if (taken.has(parent)) return parent;
  }
  return null;
}

function* linkSteps(entries: readonly ManifestEntry[]): Generator<void, string | null, void> {
  const links = new Map<string, string>();
  for (const entry of entries) if (entry.kind === "symlink") links.set(entry.path, entry.target);
  const problemOf = createLinkCheck(links);
  for (const [path, target] of links) {
    const problem = problemOf(path, target);
    if (problem !== null) return `the path ${JSON.stringify(path)} ${problem}`;
    yield;
  }
  return null;
}
