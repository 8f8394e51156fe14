// Freezes a project that has changed since it was last looked at, or was never looked at.
import { changeSince } from "./changed-entries.ts";
import { checkFound } from "./check-found.ts";
import { contentOf } from "./frozen-content.ts";
import { lookAtGit } from "./frozen-git.ts";
import type { FreezeOptions, FrozenProject } from "./frozen-project.ts";
import { hashFound, type HashedEntry, type HashedTree } from "./hash-found.ts";
import { checkLimits } from "./check-limits.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { AskedGitState } from "./git-state.ts";
import { unknownChanges } from "./git-mute.ts";
import { findProjectTree, type ProjectTree } from "./project-tree.ts";
import { readTree, type TreeReading } from "./read-tree.ts";
import { obstacleAt, type Obstacle } from "./refusal.ts";
import { refuseIfAny, refuseSecrets, WAIT_ADVICE } from "./refuse-obstacles.ts";
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
  /** How many files of the cache, from the first on, cannot have changed. */
  readonly untouched: number;
}

/** Reads what may have changed. @throws FetchmlError bad-project for what cannot be sent, by name */
export async function freezeAnew(
  options: FreezeOptions,
  { lookedAt, cacheFile, cache, treeOptions, earlier, isSame, untouched }: FirstLook,
): Promise<FrozenProject> {
  const { root, limits = DEFAULT_LIMITS, delay, now = Date.now } = options;
  const list = async (last: ProjectTree | null): Promise<ProjectTree> => {
    const again = last === null && cache && isSame ? treeAgain(earlier, cache, untouched) : null;
    const tree =
      again ?? (await findProjectTree(treeOptions, last === null ? earlier.git : last.git));
    const refused = { root, sent: tree.found };
    refuseIfAny(refused, tree.obstacles);
    checkLimits(root, tree.found, limits);
    // Names and links that were remembered have been checked.
    if (again === null) refuseIfAny(refused, checkFound(tree.found));
    return tree;
  };
  const hash: TreeReading<TreeInGit>["hash"] = async (tree, { known, last }) => {
    const hashing = hashFound(root, tree.found, { known, now, ...(delay && { delay }) });
    // Where it did not end its answer it is not waited for once more.
    const isSilent = last !== null && last.git.silent !== null;
    const looking = isSilent ? last.git : lookAtGit(treeOptions, tree);
    const [hashed, git] = await Promise.all([hashing, looking]);
    return { ...hashed, git };
  };
  const known = cache && contentLookup(cache);
  const { tree, read } = await readTree({ list, hash, known, lookedAt, delay });
  const { entries, obstacles, isBeingWritten, isSteady, kept } = read;
  // Named one by one: what is written now may be sent soon, and what holds a key is to be known.
  refuseIfAny({ root, otherwise: isBeingWritten ? WAIT_ADVICE : null }, obstacles);
  // Once more: a file that was read again may have grown.
  checkLimits(root, entries, limits);
  refuseSecrets(options, entries.flatMap(secretOf));

  // Git may have looked at a file before it changed, and what is kept must be true of what was read.
  const isEnough = isSteady || read.git.silent !== null;
  const git = isEnough ? read.git : await lookAtGit(treeOptions, { ...tree, found: entries });
  const content = contentOf(root, entries);
  const snapshot = new Bun.CryptoHasher("sha256").update(content.text).digest("hex");
  let isRemembered = cacheFile === null;
  return {
    root,
    snapshot,
    git: git.state,
    warnings: [...tree.warnings, ...(git.silent === null ? [] : [unknownChanges(git.silent)])],
    content: () => content,
    kept,
    change: () => cache && changeSince(cache, { snapshot, now: entries }),
    remember: () => {
      if (isRemembered || cacheFile === null) return;
      isRemembered = true;
      const gitState = git.kept;
      const remembered = { root, lookedAt, snapshot, tree, gitState, entries };
      writeStatCache(cacheFile, toCacheContent(remembered));
    },
  };
}

/** What was read, and where it stands in Git. */
interface TreeInGit extends HashedTree {
  readonly git: AskedGitState;
}

function treeAgain(
  earlier: EarlierTree,
  cache: StatCacheContent,
  untouched: number,
): ProjectTree | null {
  const { nested } = cache.head;
  const found = foundAgain(cache, untouched);
  return (
    found && { ...earlier, found, nested, mute: new Map(), obstacles: [], gone: [], warnings: [] }
  );
}

function secretOf(entry: HashedEntry): readonly Obstacle[] {
  if (entry.kind === "symlink" || entry.secret === null) return [];
  return [obstacleAt(entry.path, entry.secret)];
}
