// Finds what a project holds, with Git's help where there is a repository. Git and the folders are asked only when their answer
// may have changed.
import { findGitFolder, type GitFolder } from "./git-folder.ts";
import {
  askGit,
  defaultExcludesFile,
  gitStateKey,
  type Environment,
  type GitFacts,
} from "./git-facts.ts";
import { holdsSameNames, type KeptTree } from "./kept-tree.ts";
import type { ProjectLimits } from "./limits.ts";
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
export interface ProjectTree extends Pick<Walked, "found" | "obstacles"> {
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
  readonly home: string;
  readonly env: Environment;
  /** Absolute path of a folder that is left out without a rule; `null` for none. */
  readonly leaveOut: string | null;
  /** The search ends when it has found more files than these allow. */
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
  const git = findGitFolder(options.root, options);
  if (git !== null) {
    const facts = earlier.git;
    if (facts === null || facts.state !== stateOf(git, options, facts)) return false;
  }
  const request = requestOf(options, git);
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
  const git = findGitFolder(options.root, options);
  if (git === null)
    return treeOf(options, { git, facts: null, walked: walkWith(options, git, null) });

  if (knownGit !== null && knownGit.state === stateOf(git, options, knownGit)) {
    const walked = walkWith(options, git, knownGit);
    if (rulesOf(walked) === knownGit.rules)
      return treeOf(options, { git, facts: knownGit, walked });
  }
  // Noted before Git reads them, so that a change meanwhile shows the next time.
  const told = await askGit(options.root, { git, env: options.env });
  const walked = walkWith(options, git, told);
  if (told === null) {
    const tree = treeOf(options, { git, facts: null, walked });
    return { ...tree, kept: null, warnings: [GIT_MUTE] };
  }
  const facts = { ...told, state: stateOf(git, options, told), rules: rulesOf(walked) };
  return treeOf(options, { git, facts, walked });
}

const GIT_MUTE =
  "Git could not be asked about this repository; files that it tracks although they are ignored are left out.";

function treeOf(
  options: TreeOptions,
  from: {
    readonly git: GitFolder | null;
    readonly facts: KeptGitFacts | null;
    readonly walked: Walked;
  },
): ProjectTree {
  const { found, obstacles, watched, isOneDevice } = from.walked;
  const kept = isOneDevice ? { request: requestOf(options, from.git), watched } : null;
  return { found, obstacles, git: from.facts, kept, warnings: [] };
}

function walkWith(options: TreeOptions, git: GitFolder | null, facts: GitFacts | null): Walked {
  const { root, projectIgnore, env, leaveOut } = options;
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
    maxFound: options.limits.fileCount,
  });
  return {
    ...walked,
    gitText: `${standing.gitText}\0${walked.gitText}`,
    watched: [...standing.watched, ...walked.watched],
  };
}

function requestOf(options: TreeOptions, git: GitFolder | null): string {
  const { projectIgnore, leaveOut, limits, env } = options;
  return JSON.stringify([projectIgnore, leaveOut, limits, defaultExcludesFile(env), git]);
}

function stateOf(git: GitFolder, { env }: TreeOptions, { configFiles }: GitFacts): string {
  return gitStateKey(git, { env, configFiles });
}

function rulesOf({ gitText }: Walked): string {
  return new Bun.CryptoHasher("sha256").update(gitText).digest("hex");
}
