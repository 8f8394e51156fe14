// Finds what a project holds, with Git's help where there is a repository. Git and the folders are asked only when their answer
// may have changed.
import { askGit, defaultExcludesFile, gitStateKey, type GitFacts } from "./git-facts.ts";
import type { GitFolder } from "./git-folder.ts";
import { holdsSameNames, type KeptTree } from "./kept-tree.ts";
import type { ProjectLimits } from "./limits.ts";
import type { Environment } from "./run-git.ts";
import { readStandingIgnores } from "./standing-ignores.ts";
import { walkProject, type Walked } from "./walk.ts";

/** What Git told, and what it told it of. */
export interface KeptGitFacts extends GitFacts {
  /** Git's index and configuration, as {@link gitStateKey} has it. */
  readonly state: string;
  /** Hash of the text of all ignore files. */
  readonly rules: string;
}

/** A project's files and links, and what the next call can make use of. */
export interface ProjectTree extends Pick<Walked, "found" | "obstacles" | "nested"> {
  /** `null` outside a repository and where Git cannot be asked. */
  readonly git: KeptGitFacts | null;
  /** `null` when the folders must be listed each time. */
  readonly kept: KeptTree | null;
  readonly warnings: readonly string[];
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
}

/** What an earlier call found out. */
export interface EarlierTree {
  readonly git: KeptGitFacts | null;
  readonly kept: KeptTree | null;
  /** When that call began; epoch milliseconds. */
  readonly lookedAt: number;
}

/** Whether {@link findProjectTree} would surely find the same names again. Lists no folder and does not run Git. */
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

/**
 * Lists what is to be sent. With a repository around it, exactly the files that `git ls-files -co --exclude-standard` lists
 * and that exist, less what FetchML's own rules leave out; nested repositories are folders like any other. Without one,
 * `.gitignore` files and the user's own excludes hold all the same. Without the program `git`, a file that Git tracks and
 * ignores is left out, and `core.excludesFile` is not known: the default place is read.
 *
 * @param knownGit what the last call found out from Git
 */
export async function findProjectTree(
  options: TreeOptions,
  knownGit: KeptGitFacts | null,
): Promise<ProjectTree> {
  const { git } = options;
  if (git === null) return treeOf(options, { facts: null, walked: walkWith(options, null) });

  if (knownGit !== null && knownGit.state === stateOf(git, options, knownGit)) {
    const walked = walkWith(options, knownGit);
    if (rulesOf(walked) === knownGit.rules) return treeOf(options, { facts: knownGit, walked });
  }
  const before = stateOf(git, options, { configFiles: [] });
  const told = await askGit(options.root, { git, env: options.env });
  const walked = walkWith(options, told);
  if (told === null) {
    const tree = treeOf(options, { facts: null, walked });
    return { ...tree, kept: null, warnings: [GIT_MUTE] };
  }
  // What changed while Git looked may be seen or not: the next call asks again.
  const isSteady = stateOf(git, options, { configFiles: [] }) === before;
  const state = isSteady ? stateOf(git, options, told) : "";
  return treeOf(options, { facts: { ...told, state, rules: rulesOf(walked) }, walked });
}

const GIT_MUTE =
  "Git could not be asked about this repository; files that it tracks although they are ignored are left out.";

function treeOf(
  options: TreeOptions,
  from: {
    readonly facts: KeptGitFacts | null;
    readonly walked: Walked;
  },
): ProjectTree {
  const { found, obstacles, nested, watched, isOneDevice } = from.walked;
  const kept = isOneDevice ? { request: requestOf(options), watched } : null;
  return { found, obstacles, nested, git: from.facts, kept, warnings: [] };
}

function walkWith(options: TreeOptions, facts: GitFacts | null): Walked {
  const { root, git, projectIgnore, env, leaveOut } = options;
  const ignoreCase = facts?.ignoreCase ?? false;
  const excludesFile = facts?.excludesFile ?? defaultExcludesFile(env);
  const standing = readStandingIgnores({ root, git, excludesFile, projectIgnore, ignoreCase });
  const walked = walkProject({
    root,
    git: standing.git,
    ml: standing.ml,
    ignoreCase,
    trackedIgnored: facts?.trackedIgnored ?? [],
    leaveOut,
    // Further than what is allowed, so that what is too much can be named.
    maxFound: 10 * options.limits.fileCount,
  });
  return {
    ...walked,
    gitText: `${standing.gitText}\0${walked.gitText}`,
    watched: [...standing.watched, ...walked.watched],
  };
}

function requestOf(options: TreeOptions): string {
  const { git, projectIgnore, leaveOut, limits, env } = options;
  return JSON.stringify([projectIgnore, leaveOut, limits, defaultExcludesFile(env), git]);
}

function stateOf(
  git: GitFolder,
  { env }: TreeOptions,
  { configFiles }: Pick<GitFacts, "configFiles">,
): string {
  return gitStateKey(git, { env, configFiles });
}

function rulesOf({ gitText }: Walked): string {
  return new Bun.CryptoHasher("sha256").update(gitText).digest("hex");
}
