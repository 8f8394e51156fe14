// Freezes a project: what it holds right now, as a manifest whose hash names it.
import type { GitState } from "@fetchml/protocol";
import { checkFound } from "./check-found.ts";
import { contentOf, type FrozenContent } from "./frozen-content.ts";
import { gitStateAgain, lookAtGit } from "./frozen-git.ts";
import { findGitFolder } from "./git-folder.ts";
import { hashFound, type HashedEntry } from "./hash-found.ts";
import { checkLimits, DEFAULT_LIMITS, type ProjectLimits } from "./limits.ts";
import type { ProjectFile } from "./project-file.ts";
import {
  findProjectTree,
  isSameTree,
  type EarlierTree,
  type ProjectTree,
  type TreeOptions,
} from "./project-tree.ts";
import { obstacleAt, refuseIfAny, type Obstacle } from "./refusal.ts";
import type { Environment } from "./run-git.ts";
import {
  contentLookup,
  foundAgain,
  isUntouched,
  rememberedEntries,
  rememberedSecrets,
  toCacheContent,
} from "./stat-cache.ts";
import {
  readStatCache,
  statCacheFile,
  watchedIn,
  writeStatCache,
  type StatCacheContent,
} from "./stat-cache-file.ts";

/** What to freeze. */
export interface FreezeOptions {
  /** The project's root, as `findProjectRoot` gives it. */
  readonly root: string;
  /** The project's `ml.toml`; `null` when it has none. */
  readonly projectFile: Pick<ProjectFile, "ignore"> | null;
  /** Cache folder of `ml`: `$XDG_CACHE_HOME/ml` or `~/.cache/ml`; made when missing. `null`: none. */
  readonly cacheDir: string | null;
  /** Whether to read every file again though the cache knows it; the cache is written anew. Default false. */
  readonly fresh?: boolean;
  /** Whether private keys and the like may be in it. FetchML's own API keys never may. Default false. */
  readonly allowSecrets?: boolean;
  readonly home: string;
  readonly env: Environment;
  /** Default: {@link DEFAULT_LIMITS}. */
  readonly limits?: ProjectLimits;
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** A project at one moment. Its files may change afterwards; whoever sends them checks them against their hashes. */
export interface FrozenProject {
  /** Id of the snapshot: SHA-256 of the manifest's text. */
  readonly snapshot: string;
  /** Where the project stood in Git; `null` when it is in no work tree. */
  readonly git: GitState | null;
  /** For a person, one line each. */
  readonly warnings: readonly string[];
  /** What the snapshot holds; worked out at the first call, as an unchanged project mostly needs its id alone. */
  content(): FrozenContent;
  /** Contents of small files that were read for this, by hash: of them what is sent is what stood there then. */
  readonly kept: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads the project as it stands. Only files that may have changed since the last call are read; those are also searched
 * for FetchML API keys and other secrets. Of an unchanged project of 1,000 files each is looked at once, which takes 5 ms.
 *
 * @throws FetchmlError bad-project for what cannot be sent, by name
 */
export async function freezeProject(options: FreezeOptions): Promise<FrozenProject> {
  const { root, cacheDir, fresh = false, limits = DEFAULT_LIMITS, now = Date.now } = options;
  const lookedAt = now();
  const cacheFile = cacheDir === null ? null : statCacheFile(cacheDir, root);
  const cache = cacheFile === null || fresh ? null : readStatCache(cacheFile, root);
  const treeOptions: TreeOptions = {
    root,
    git: findGitFolder(root, options),
    projectIgnore: options.projectFile?.ignore ?? [],
    env: options.env,
    leaveOut: cacheDir,
    limits,
  };
  const earlier = earlierTree(cache);
  const isSame = isSameTree(earlier, treeOptions);
  if (cache !== null && cacheFile !== null && isSame && (await isUntouched(cache))) {
    refuseSecrets(options, rememberedSecrets(cache));
    let content: FrozenContent | null = null;
    return {
      snapshot: cache.head.snapshot,
      git: await gitStateAgain(cache, { cacheFile, options: treeOptions }),
      warnings: [],
      content: () => (content ??= contentOf(root, rememberedEntries(cache))),
      kept: new Map(),
    };
  }
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

function earlierTree(cache: StatCacheContent | null): EarlierTree {
  if (cache === null) return { git: null, kept: null, lookedAt: 0 };
  const { request, git, looked_at: lookedAt } = cache.head;
  const kept = request === null ? null : { request, watched: watchedIn(cache.head) };
  return { git, kept, lookedAt };
}

function treeAgain(earlier: EarlierTree, cache: StatCacheContent): ProjectTree {
  const { nested } = cache.head;
  return { ...earlier, found: foundAgain(cache), nested, obstacles: [], warnings: [] };
}

function secretOf(entry: HashedEntry): readonly Obstacle[] {
  if (entry.kind === "symlink" || entry.secret === null) return [];
  return [obstacleAt(entry.path, entry.secret)];
}

function refuseSecrets(
  { root, allowSecrets = false }: FreezeOptions,
  secrets: readonly Obstacle[],
): void {
  if (!allowSecrets) refuseIfAny(root, secrets, "If the server may have it, add --allow-secrets.");
}
