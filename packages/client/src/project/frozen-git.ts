// Finds out where a project that is being frozen stands in Git.
import { askGitState, type AskedGitState } from "./git-state.ts";
import type { ProjectTree } from "./project-tree.ts";
import type { TreeOptions } from "./same-tree.ts";

/** Asks Git about what was found. Outside a work tree there is nothing to know. */
export async function lookAtGit(
  options: TreeOptions,
  tree: Pick<ProjectTree, "git" | "nested"> & {
    readonly mute?: ProjectTree["mute"];
    readonly found: readonly { readonly path: string }[];
  },
): Promise<AskedGitState> {
  const { root, git, env, projectIgnore, gitLimitMs } = options;
  if (git === null) return { state: null, kept: null, silent: null };
  const sent = () => tree.found.map(({ path }) => path);
  const { nested, git: facts, mute = new Map() } = tree;
  const where = { root, git, env, projectIgnore, nested, mute };
  return askGitState({ ...where, facts, sent, gitLimitMs });
}
