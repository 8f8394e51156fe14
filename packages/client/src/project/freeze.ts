// Freezes a project: what it holds right now, as a manifest whose hash names it.
import { contentOf, type FrozenContent } from "./frozen-content.ts";
import type { FreezeOptions, FrozenProject } from "./frozen-project.ts";
import { findGitFolder } from "./git-folder.ts";
import { gitStateAgain } from "./git-state-again.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { Obstacle } from "./refusal.ts";
import { isSameTree, type EarlierTree, type TreeOptions } from "./same-tree.ts";
import {
  areAllUntouched,
  countUntouched,
  rememberedEntries,
  rememberedSecrets,
} from "./stat-cache.ts";
import {
  readStatCache,
  statCacheFile,
  watchedIn,
  type StatCacheContent,
} from "./stat-cache-file.ts";

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
    gitLimitMs: options.gitLimitMs,
  };
  const earlier = earlierTree(cache);
  const isSame = isSameTree(earlier, treeOptions);
  const untouched = cache !== null && isSame ? await countUntouched(cache) : 0;
  if (cache !== null && cacheFile !== null && isSame && areAllUntouched(cache, untouched)) {
    const secrets = rememberedSecrets(cache);
    if (secrets.length > 0) await refuseRemembered(options, secrets);
    let content: FrozenContent | null = null;
    return {
      root,
      snapshot: cache.head.snapshot,
      git: await gitStateAgain(cache, { cacheFile, options: treeOptions }),
      warnings: [],
      content: () => (content ??= contentOf(root, rememberedEntries(cache))),
      kept: new Map(),
      change: () => null,
      remember: () => undefined,
    };
  }
  const { freezeAnew } = await import("./freeze-anew.ts");
  return freezeAnew(options, {
    lookedAt,
    cacheFile,
    cache,
    treeOptions,
    earlier,
    isSame,
    untouched,
  });
}

async function refuseRemembered(
  options: FreezeOptions,
  secrets: readonly Obstacle[],
): Promise<void> {
  const { refuseSecrets } = await import("./refuse-obstacles.ts");
  refuseSecrets(options, secrets);
}

function earlierTree(cache: StatCacheContent | null): EarlierTree {
  if (cache === null) return { git: null, kept: null, lookedAt: 0 };
  const { request, git, looked_at: lookedAt } = cache.head;
  const kept = request === null ? null : { request, watched: watchedIn(cache.head) };
  return { git, kept, lookedAt };
}
