// Finds out where a project that is being frozen stands in Git, and remembers it.
import type { GitState } from "@fetchml/protocol";
import { askGitState, knownGitState, type AskedGitState } from "./git-state.ts";
import type { ProjectTree, TreeOptions } from "./project-tree.ts";
import { writeStatCache, type StatCacheContent } from "./stat-cache-file.ts";

/** Asks Git about what was found. Outside a work tree there is nothing to know. */
export async function lookAtGit(
  options: TreeOptions,
  tree: Pick<ProjectTree, "git" | "nested"> & {
    readonly found: readonly { readonly path: string }[];
  },
): Promise<AskedGitState> {
  const { root, git, env, projectIgnore } = options;
  if (git === null) return { state: null, kept: null };
  const sent = () => tree.found.map(({ path }) => path);
  const { nested, git: facts } = tree;
  return askGitState({ root, git, env, projectIgnore, nested, facts, sent });
}

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
  const asked = await lookAtGit(from.options, { git: head.git, nested: head.nested, found });
  if (asked.kept !== null) {
    writeStatCache(from.cacheFile, { ...cache, head: { ...head, git_state: asked.kept } });
  }
  return asked.state;
}
