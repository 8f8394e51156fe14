// Reads a project to compare it, not to send it: nothing is refused but what has no end, and nothing is remembered.
import { FetchmlError } from "@fetchml/protocol";
import { findKeyInName } from "./check-found.ts";
import { contentOf, type FrozenContent } from "./frozen-content.ts";
import type { FreezeOptions } from "./frozen-project.ts";
import { findGitFolder } from "./git-folder.ts";
import { hashFound } from "./hash-found.ts";
import { heaviestPaths } from "./heaviest-paths.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { findProjectTree, SEARCHED_BEYOND } from "./project-tree.ts";
import { ignoreLineFor, type Obstacle } from "./refusal.ts";
import { contentLookup } from "./stat-cache.ts";
import { readStatCache, statCacheFile } from "./stat-cache-file.ts";
import type { Found } from "./walk.ts";

/** What of a project can be compared. */
export interface ComparableProject {
  /** SHA-256 of the manifest's text. */
  readonly snapshot: string;
  readonly warnings: readonly string[];
  /** What of it has no content to compare, or one that must not be shown. */
  readonly leftOut: readonly Obstacle[];
  content(): FrozenContent;
}

/**
 * Reads the project as it stands. Limits and secrets do not count, and links that lead out are compared as links.
 *
 * @param how.enoughFiles of more files it is refused, unless they may be sent
 * @throws FetchmlError bad-project where there are too many files
 */
export async function freezeComparable(
  options: FreezeOptions,
  { enoughFiles = 500_000 }: { readonly enoughFiles?: number } = {},
): Promise<ComparableProject> {
  const { root, cacheDir, limits = DEFAULT_LIMITS, delay } = options;
  const most = Math.max(limits.fileCount, enoughFiles);
  const { found, obstacles, warnings } = await findProjectTree(
    {
      root,
      git: findGitFolder(root, options),
      projectIgnore: options.projectFile?.ignore ?? [],
      env: options.env,
      leaveOut: cacheDir,
      limits: { ...limits, fileCount: Math.ceil(most / SEARCHED_BEYOND) },
    },
    null,
  );
  if (found.length > most) throw tooMany(root, found, most);
  const named: Obstacle[] = [];
  const fit = found.filter((entry) => {
    const obstacle = findKeyInName(entry);
    if (obstacle !== null) named.push(obstacle);
    return obstacle === null;
  });
  const cache = cacheDir === null ? null : readStatCache(statCacheFile(cacheDir, root), root);
  const known = cache && contentLookup(cache);
  const hashed = await hashFound(root, fit, { known, ...(delay && { delay }) });
  const content = contentOf(root, hashed.entries);
  return {
    snapshot: new Bun.CryptoHasher("sha256").update(content.text).digest("hex"),
    warnings,
    leftOut: [...obstacles, ...named, ...hashed.obstacles],
    content: () => content,
  };
}

function tooMany(root: string, found: readonly Found[], most: number): FetchmlError {
  const [heaviest] = heaviestPaths(found, () => 1);
  const line = heaviest === undefined ? "" : `, such as: ${ignoreLineFor(heaviest.path)}`;
  return new FetchmlError(
    "bad-project",
    `Cannot compare the folder ${root}: it has more than ${most.toLocaleString("en")} files.\n` +
      `For what belongs to no job, add a line to .mlignore${line}`,
  );
}
