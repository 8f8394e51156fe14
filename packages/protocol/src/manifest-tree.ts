// Whether the entries of a manifest make a tree that harms nobody who writes it to disk. Both sides ask, neither trusts the other.
import { comparePaths } from "./manifest-bytes.ts";
import { createTreeNames } from "./manifest-folders.ts";
import { linkCheckSteps } from "./manifest-links.ts";
import { manifestPathProblem } from "./manifest-paths.ts";
import type { TreeRules } from "./manifest-rules.ts";
import { quotedPath } from "./manifest-text.ts";
import type { ManifestEntry } from "./snapshot.ts";

/** What is wrong with a tree. */
export interface TreeProblem {
  /** The end of a sentence that begins with the list of files. */
  readonly why: string;
  /** Whether it has more folders than it may. */
  readonly isTooLarge: boolean;
}

/**
 * What is wrong with the entries taken together; `null` if nothing is: every path is one that may stand, they are sorted and none
 * stands twice, none lies below a file or a link, none is another's on a Mac or on Windows, and every link stays inside.
 */
export function manifestTreeProblem(
  entries: readonly ManifestEntry[],
  rules: TreeRules,
): TreeProblem | null {
  const steps = manifestTreeSteps(entries, rules);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * The same for whoever has other things to do meanwhile: it pauses every now and then, and returns the answer. Its work grows with
 * the text of the paths, and it keeps no more than what lies in the folders above one of them, and the links.
 */
export function* manifestTreeSteps(
  entries: readonly ManifestEntry[],
  rules: TreeRules,
): Generator<void, TreeProblem | null, void> {
  return (yield* pathSteps(entries, rules)) ?? (yield* linkSteps(entries, rules));
}

function* pathSteps(
  entries: readonly ManifestEntry[],
  rules: TreeRules,
): Generator<void, TreeProblem | null, void> {
  let before: string | null = null;
  let work = 0;
  const names = createTreeNames(rules);
  for (const { path } of entries) {
    const problem = manifestPathProblem(path, rules);
    if (problem !== null) return wrong(path, problem);
    if (before !== null && comparePaths(before, path) >= 0) {
      return wrong(path, "stands twice or in the wrong place");
    }
    before = path;
    const misfit = names.take(path);
    if (misfit?.kind === "below") {
      return wrong(path, `lies below ${quotedPath(misfit.path)}, which is no folder`);
    }
    if (misfit !== null) {
      const [first, second] = misfit.paths.map(quotedPath);
      const why = `the paths ${first} and ${second} have the same name on a Mac and on Windows`;
      return { why, isTooLarge: false };
    }
    if (names.folders > rules.folders) {
      return { why: `it has more than ${rules.folders} folders`, isTooLarge: true };
    }
    work += path.length + WORK_OF_AN_ENTRY;
    if (work < WORK_BETWEEN_PAUSES) continue;
    work = 0;
    yield;
  }
  return null;
}

/** In characters looked at: a tenth of a millisecond or two. */
const WORK_BETWEEN_PAUSES = 8192;
const WORK_OF_AN_ENTRY = 64;

function* linkSteps(
  entries: readonly ManifestEntry[],
  rules: TreeRules,
): Generator<void, TreeProblem | null, void> {
  const links = new Map<string, string>();
  for (const entry of entries) if (entry.kind === "symlink") links.set(entry.path, entry.target);
  const problemOf = yield* linkCheckSteps(links, rules);
  for (const [path, target] of links) {
    const problem = problemOf(path, target);
    if (problem !== null) return wrong(path, problem);
    yield;
  }
  return null;
}

function wrong(path: string, problem: string): TreeProblem {
  return { why: `the path ${quotedPath(path)} ${problem}`, isTooLarge: false };
}
