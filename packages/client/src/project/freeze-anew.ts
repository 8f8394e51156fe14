// Freezes a project that has changed since it was last looked at, or was never looked at.
import { checkFound } from "./check-found.ts";
import { contentOf } from "./frozen-content.ts";
import { lookAtGit } from "./frozen-git.ts";
import type { FreezeOptions, FrozenProject } from "./frozen-project.ts";
import { hashFound, type HashedEntry } from "./hash-found.ts";
import { checkLimits, DEFAULT_LIMITS } from "./limits.ts";
import { findProjectTree, type ProjectTree } from "./project-tree.ts";
import { obstacleAt, refuseIfAny, refuseSecrets, type Obstacle } from "./refusal.ts";
import type { EarlierTree, TreeOptions } from "./same-tree.ts";
import { contentLookup, foundAgain, toCacheContent } from "./stat-cache.ts";
import { writeStatCache, type StatCacheContent } from "./stat-cache-file.ts";

/** What was found out before it was clear that the project has to be read. */
export interface FirstLook {
  /** When it began; epoch milliseconds. */
  readonly lookedAt: number;
  /** Where to remember what is found; `null`: nowhere. */
  readonly cacheFile: string | null;
  readonly cache: StatCacheContent | null;
  readonly treeOptions: TreeOptions;
  readonly earlier: EarlierTree;
  /** Whether it holds the same names as when the cache was written. */
  readonly isSame: boolean;
}

/** Reads what may have changed, and remembers all of it. @throws FetchmlError bad-project for what cannot be sent, by name */
export async function freezeAnew(
  options: FreezeOptions,
  { lookedAt, cacheFile, cache, treeOptions, earlier, isSame }: FirstLook,
): Promise<FrozenProject> {
  const { root, limits = DEFAULT_LIMITS } = options;
  const tree: ProjectTree =
    cache !== null && isSame
      ? treeAgain(earlier, cache)
      : await findProjectTree(treeOptions, earlier.git);
  refuseIfAny(root, tree.obstacles);
  checkLimits(root, tree.found, limits);
  refuseIfAny(root, checkFound(tree.found));
  const [{ entries, obstacles, isSteady, kept }, firstLook] = await Promise.all([
    hashFound(root, tree.found, cache && contentLookup(cache)),
    lookAtGit(treeOptions, tree),
  ]);
  refuseIfAny(root, obstacles);
  // Once more: a file that was read again may have grown.
  checkLimits(root, entries, limits);
  refuseSecrets(options, entries.flatMap(secretOf));

  // Git may have looked at a file before it changed, and what is kept must be true of what was read.
  const git = isSteady ? firstLook : await lookAtGit(treeOptions, { ...tree, found: entries });
  const content = contentOf(root, entries);
  const snapshot = new Bun.CryptoHasher("sha256").update(content.text).digest("hex");
  if (cacheFile !== null) {
    const gitState = git.kept;
    const remembered = { root, lookedAt, snapshot, tree, gitState, entries };
    writeStatCache(cacheFile, toCacheContent(remembered));
  }
  return { snapshot, git: git.state, warnings: tree.warnings, content: () => content, kept };
}

function treeAgain(earlier: EarlierTree, cache: StatCacheContent): ProjectTree {
  const { nested } = cache.head;
  return { ...earlier, found: foundAgain(cache), nested, obstacles: [], warnings: [] };
}

function secretOf(entry: HashedEntry): readonly Obstacle[] {
  if (entry.kind === "symlink" || entry.secret === null) return [];
  return [obstacleAt(entry.path, entry.secret)];
}
