// Finds what a project holds, with Git's help where there is a repository, which is asked only when its answer may have changed.
import { askGit, type GitFacts } from "./git-facts.ts";
import { defaultExcludesFile } from "./git-state-key.ts";
import { inParallel } from "./in-parallel.ts";
import type { KeptTree } from "./kept-tree.ts";
import { lookIntoNested, type NestedTree } from "./nested-tree.ts";
import { shownPath } from "./refusal.ts";
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
 * and that exist, less what FetchML's own rules leave out; a submodule or a clone inside that is not ignored is asked in the same
 * way for its own. Without one, `.gitignore` files and the user's own excludes hold all the same. Without the program `git`,
 * a file that Git tracks and ignores is left out, and `core.excludesFile` is not known: the default place is read.
 *
 * @param knownGit what the last call found out from Git
 */
export async function findProjectTree(
  options: TreeOptions,
  knownGit: KeptGitFacts | null,
): Promise<ProjectTree> {
  const { git } = options;
  if (git === null) return treeOf(options, null, await walkAll(options, null));

  if (knownGit !== null && knownGit.state === stateOf(git, options, knownGit)) {
    const walked = await walkAll(options, knownGit);
    if (rulesOf(walked) === knownGit.rules) return treeOf(options, knownGit, walked);
  }
  const before = stateOf(git, options, { configFiles: [] });
  const told = await askGit(options.root, { git, env: options.env });
  const walked = await walkAll(options, told);
  if (told === null) {
    const tree = treeOf(options, null, walked);
    return { ...tree, kept: null, warnings: [GIT_MUTE, ...tree.warnings] };
  }
  // What changed while Git looked may be seen or not: the next call asks again.
  const isSteady = stateOf(git, options, { configFiles: [] }) === before;
  const state = isSteady ? stateOf(git, options, told) : "";
  return treeOf(options, { ...told, state, rules: rulesOf(walked) }, walked);
}

const LEFT_OUT = "files that it tracks although they are ignored are left out.";
const GIT_MUTE = `Git could not be asked about this repository; ${LEFT_OUT} Run "git status" here to see why.`;

function nestedMute([first, ...others]: readonly string[]): readonly string[] {
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return [
    `Git could not be asked about the repository in "${shownPath(first)}"${more}; ${LEFT_OUT} ` +
      'Run "git status" there to see why.',
  ];
}

function treeOf(options: TreeOptions, git: KeptGitFacts | null, walked: WalkedAll): ProjectTree {
  const { found, obstacles, nested, watched, isOneDevice, hasLeftOut, mute } = walked;
  const warnings = [...nestedMute(mute), ...(found.length === 0 && hasLeftOut ? [ALL_OUT] : [])];
  // What a person is warned of they are warned of each time.
  const isKept = isOneDevice && warnings.length === 0;
  const kept = isKept ? { request: requestOf(options), watched } : null;
  return { found, obstacles, nested, git, kept, warnings };
}

const ALL_OUT = "No file is sent: the ignore rules leave out all.";

interface WalkedAll extends Walked {
  /** Work trees inside about which Git could not be asked. */
  readonly mute: readonly string[];
}

/** Walks until nothing is left to be asked: in a work tree inside there may be another. */
async function walkAll(options: TreeOptions, facts: GitFacts | null): Promise<WalkedAll> {
  const known = new Map<string, NestedTree>();
  for (;;) {
    const walked = walkWith(options, facts, known);
    const unknown = walked.nested.filter((folder) => !known.has(folder));
    if (unknown.length === 0) {
      const mute = walked.nested.filter((folder) => known.get(folder)?.isMute);
      return { ...walked, mute };
    }
    await inParallel(unknown, ASKED_AT_ONCE, async (folder) => {
      known.set(folder, await lookIntoNested(folder, options));
    });
  }
}

// Each of them is two processes.
const ASKED_AT_ONCE = 8;

/** So many times as many files as are allowed are looked for, so that what is too much can be named. */
export const SEARCHED_BEYOND = 10;

function walkWith(
  options: TreeOptions,
  facts: GitFacts | null,
  nested: ReadonlyMap<string, NestedTree>,
): Walked {
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
    nested,
    leaveOut,
    maxFound: SEARCHED_BEYOND * options.limits.fileCount,
  });
  const inside = walked.nested.flatMap((folder) => nested.get(folder) ?? []);
  return {
    ...walked,
    gitText: [standing, walked, ...inside].map(({ gitText }) => gitText).join("\0"),
    watched: [standing, walked, ...inside].flatMap(({ watched }) => watched),
  };
}

function rulesOf({ gitText }: Walked): string {
  return new Bun.CryptoHasher("sha256").update(gitText).digest("hex");
}
