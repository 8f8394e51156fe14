// Finds what a project holds, with Git's help where there is a repository, which is asked only when its answer may have changed.
import { askGit, type GitFacts } from "./git-facts.ts";
import { muteHere, muteInside } from "./git-mute.ts";
import { defaultExcludesFile } from "./git-state-key.ts";
import { inParallel } from "./in-parallel.ts";
import type { KeptTree } from "./kept-tree.ts";
import { lookIntoNested, type NestedTree } from "./nested-tree.ts";
import type { GitMute } from "./run-git.ts";
import { requestOf, stateOf, type KeptGitFacts, type TreeOptions } from "./same-tree.ts";
import { readStandingIgnores } from "./standing-ignores.ts";
import { walkProject, type Walked } from "./walk.ts";

/** A project's files and links, and what the next call can make use of. */
export interface ProjectTree extends Pick<Walked, "found" | "obstacles" | "nested" | "gone"> {
  /** `null` outside a repository and where Git cannot be asked. */
  readonly git: KeptGitFacts | null;
  /** `null` when the folders must be listed each time. */
  readonly kept: KeptTree | null;
  /** Those of `nested` about which Git told nothing, and why. */
  readonly mute: ReadonlyMap<string, GitMute>;
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
  const asked: AskedInside = { trees: new Map(), timesSilent: 0 };
  if (git === null) return treeOf(options, null, await walkAll(options, null, asked));

  if (knownGit !== null && knownGit.state === stateOf(git, options, knownGit)) {
    const walked = await walkAll(options, knownGit, asked);
    if (rulesOf(walked) === knownGit.rules) return treeOf(options, knownGit, walked);
  }
  const before = stateOf(git, options, { configFiles: [] });
  const { env, gitLimitMs: limitMs } = options;
  const told = await askGit(options.root, { git, env, limitMs });
  if (typeof told === "string") {
    if (told === "silent") asked.timesSilent += 1;
    const walked = await walkAll(options, null, asked);
    const tree = treeOf(options, null, walked);
    return { ...tree, kept: null, warnings: [muteHere(told), ...tree.warnings] };
  }
  const walked = await walkAll(options, told, asked);
  // What changed while Git looked may be seen or not: the next call asks again.
  const isSteady = stateOf(git, options, { configFiles: [] }) === before;
  const state = isSteady ? stateOf(git, options, told) : "";
  return treeOf(options, { ...told, state, rules: rulesOf(walked) }, walked);
}

function treeOf(options: TreeOptions, git: KeptGitFacts | null, walked: WalkedAll): ProjectTree {
  const { found, obstacles, nested, gone, watched, isOneDevice, hasLeftOut, mute } = walked;
  const warnings = [...muteInside(mute), ...(found.length === 0 && hasLeftOut ? [ALL_OUT] : [])];
  // What a person is warned of they are warned of each time.
  const isKept = isOneDevice && warnings.length === 0;
  const kept = isKept ? { request: requestOf(options), watched } : null;
  return { found, obstacles, nested, gone, mute, git, kept, warnings };
}

const ALL_OUT = "No file is sent: the ignore rules leave out all.";

type WalkedAll = Walked & Pick<ProjectTree, "mute">;

/** What is known of work trees inside, which are asked about once however often the project is walked. */
interface AskedInside {
  readonly trees: Map<string, NestedTree>;
  /** How often Git did not end its answer, about the project among them. */
  timesSilent: number;
}

/** Walks until nothing is left to be asked: in a work tree inside there may be another. */
async function walkAll(
  options: TreeOptions,
  facts: GitFacts | null,
  asked: AskedInside,
): Promise<WalkedAll> {
  for (;;) {
    const walked = walkWith(options, facts, asked.trees);
    const unknown = walked.nested.filter((folder) => !asked.trees.has(folder));
    if (unknown.length === 0) return { ...walked, mute: muteAmong(walked.nested, asked) };
    await inParallel(unknown, ASKED_AT_ONCE, async (folder) => {
      const isAsked = asked.timesSilent < MOST_SILENT;
      const tree = await lookIntoNested(folder, { ...options, isAsked });
      asked.trees.set(folder, tree);
      if (tree.mute === "silent") asked.timesSilent += 1;
    });
  }
}

function muteAmong(
  folders: readonly string[],
  { trees }: AskedInside,
): ReadonlyMap<string, GitMute> {
  const mute = new Map<string, GitMute>();
  for (const folder of folders) {
    const why = trees.get(folder)?.mute ?? null;
    if (why !== null) mute.set(folder, why);
  }
  return mute;
}

// Each of them is two processes.
const ASKED_AT_ONCE = 8;

/** After that nobody is asked any more: each time costs the whole limit, and who makes one such repository can make a thousand. */
const MOST_SILENT = 3;

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
