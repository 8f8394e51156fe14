// Where an unchanged project stands in Git, and remembers it when Git had to be asked.
import type { GitState } from "@fetchml/protocol";
import { knownGitState } from "./known-git-state.ts";
import type { TreeOptions } from "./same-tree.ts";
import { writeStatCache, type StatCacheContent } from "./stat-cache-file.ts";

/**
 * Where a project stands of which no file has changed since the cache was written. Git is asked only when another commit was
 * checked out meanwhile, and its answer is added to the cache.
 */
export async function gitStateAgain(
  cache: StatCacheContent,
  from: { readonly cacheFile: string; readonly options: TreeOptions },
): Promise<GitState | null> {
  const { root, git, env } = from.options;
  if (git === null) return null;
  const { head } = cache;
  const known = knownGitState(head.git_state, { root, git, env, nested: head.nested });
  if (known !== null) return known;
  const found = [
    ...head.paths.map((path) => ({ path })),
    ...head.links.map(([, path]) => ({ path })),
  ];
  const { lookAtGit } = await import("./frozen-git.ts");
  const asked = await lookAtGit(from.options, { git: head.git, nested: head.nested, found });
  if (asked.kept !== null) {
    writeStatCache(from.cacheFile, { ...cache, head: { ...head, git_state: asked.kept } });
  }
  return asked.state;
}
