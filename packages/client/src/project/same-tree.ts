// Tells whether a project surely holds the same names as before, without listing a folder and without Git.
import { dirname, join } from "node:path";
import type { GitFacts } from "./git-facts.ts";
import type { GitFolder } from "./git-folder.ts";
import { defaultExcludesFile, gitStateKey, settingsIn } from "./git-state-key.ts";
import { holdsSameNames, type KeptTree } from "./kept-tree.ts";
import type { ProjectLimits } from "./limits.ts";
import type { Environment } from "./run-git.ts";

/** What Git told, and what it told it of. */
export interface KeptGitFacts extends GitFacts {
  /** Git's index and configuration, as {@link gitStateKey} has it. */
  readonly state: string;
  /** Hash of the text of all ignore files. */
  readonly rules: string;
}

/** Where to look. */
export interface TreeOptions {
  /** Absolute path without links. */
  readonly root: string;
  /** `[project] ignore` of `ml.toml`. */
  readonly projectIgnore: readonly string[];
  /** The work tree around it; `null` where there is none. */
  readonly git: GitFolder | null;
  readonly env: Environment;
  /** Absolute path of a folder that is left out without a rule; `null` for none. */
  readonly leaveOut: string | null;
  /** The search ends when it has found far more files than these allow. */
  readonly limits: ProjectLimits;
  /** As `FreezeOptions` has it. */
  readonly gitLimitMs?: number | undefined;
}

/** What an earlier call found out. */
export interface EarlierTree {
  readonly git: KeptGitFacts | null;
  readonly kept: KeptTree | null;
  /** When that call began; epoch milliseconds. */
  readonly lookedAt: number;
}

/** Whether `findProjectTree` would surely find the same names again. Lists no folder and does not run Git. */
export function isSameTree(earlier: EarlierTree, options: TreeOptions): boolean {
  const { kept, lookedAt } = earlier;
  if (kept === null) return false;
  if (options.git !== null) {
    const facts = earlier.git;
    if (facts === null || facts.state !== stateOf(options.git, options, facts)) return false;
  }
  const request = requestOf(options);
  return holdsSameNames(kept, { root: options.root, request, lookedAt });
}

/** All that the names in a tree are made from, as text. */
export function requestOf(options: TreeOptions): string {
  const { git, projectIgnore, leaveOut, limits, env } = options;
  const user = [defaultExcludesFile(env), settingsIn(env)];
  return JSON.stringify([projectIgnore, leaveOut, limits, user, git]);
}

/** Git's index and configuration, as {@link gitStateKey} has it. */
export function stateOf(
  git: GitFolder,
  { root, env }: TreeOptions,
  { configFiles }: Pick<GitFacts, "configFiles">,
): string {
  const files = [...configFiles, join(root, ".gitattributes")];
  for (let folder = root; folder !== git.top;) {
    folder = dirname(folder);
    files.push(join(folder, ".gitattributes"));
  }
  return gitStateKey(git, { env, configFiles: files });
}
