// Finds what a project holds, with Git's help where there is a repository, which is asked only when its answer may have changed.
import { askGit, type GitFacts } from "./git-facts.ts";
import { defaultExcludesFile } from "./git-state-key.ts";
import type { KeptTree } from "./kept-tree.ts";
import { requestOf, stateOf, type KeptGitFacts, type TreeOptions } from "./same-tree.ts";
import { readStandingIgnores } from "./standing-ignores.ts";
import { walkProject, type Walked } from "./walk.ts";

/** A project's files and links, and what the next call can make use of. */
export interface ProjectTree extends Pick<Walked, "found" | "obstacles" | "nested"> {
  /** `null` outside a repository and where Git cannot be asked. */
  readonly git: KeptGitFacts | null;
  /** `null` when the folders must be listed each time. */
  readonly kept: KeptTree | null;
  readonly warnings: readonly string[];
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

function rulesOf({ gitText }: Walked): string {
  return new Bun.CryptoHasher("sha256").update(gitText).digest("hex");
}
