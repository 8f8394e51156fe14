// Asks Git whether what is sent of a work tree differs from the commit that is checked out.
import type { GitHead } from "./git-head.ts";
import { askGitIndex, tracksAll, type GitIndex } from "./git-index.ts";
import { answerOfGit, runGit, type Environment, type GitAnswer, type GitMute } from "./run-git.ts";

/** What to ask about. */
export interface StatusQuestion {
  /** Absolute path of the folder to ask about: the project's root, or a work tree of its own below it. */
  readonly folder: string;
  /** Path from the work tree's top to that folder, with a slash behind; empty at the top. */
  readonly fromTop: string;
  readonly env: Environment;
  /** As `answerOfGit` has them. */
  readonly workTree: string | null;
  readonly limitMs?: number | undefined;
  /** Filters that are not to be run. */
  readonly ownFilters: readonly string[];
  /** Whether names match whatever their case. */
  readonly ignoreCase: boolean;
  /** Whether Git is not to compare executable bits. */
  readonly ignoresModes: boolean;
  /** Files and links that are sent of it; paths as those of changes. */
  readonly sent: () => readonly string[];
  /** Whether a change is one of what is sent. */
  readonly counts: (change: Change) => boolean;
}

/** Something that is not as it is in the commit. */
export interface Change {
  /** From the folder that was asked about. */
  readonly path: string;
  /** Whether it may be that nothing stands there any more. */
  readonly isGone: boolean;
}

/** What Git answered. */
export interface StatusAnswer {
  readonly head: GitHead;
  /** `null` when it hangs on a filter that is not run, or on something that Git was told not to look at. */
  readonly dirty: boolean | null;
}

/**
 * Asks `git status`, and for what is sent and not tracked, be it new or ignored, `git ls-files`. Of work trees further down it tells only whether another commit is checked out there: each is to be
 * asked for itself, since Git would run what their settings name.
 *
 * @returns why not, when Git does not tell
 */
export async function askGitStatus(question: StatusQuestion): Promise<StatusAnswer | GitMute> {
  const { folder, fromTop, env, workTree, limitMs, ownFilters, counts } = question;
  // Of such a name Git would read something else.
  if (ownFilters.some((name) => !/^[\w.-]+$/.test(name))) return "refused";
  // Before the other: what is committed in between is then of another commit, and not untracked in this one.
  const index = await askGitIndex(folder, { env, workTree, limitMs });
  if (typeof index === "string") return index;
  const answer = await changesOf(question, []);
  if (answer.kind !== "told") return answer.kind;
  const { head, entries } = parse(answer.output.split("\0"), fromTop);
  if (!tracksAll(index, question.sent(), question)) return { head, dirty: true };
  const counted = entries.filter(counts);
  if (counted.length === 0) return { head, dirty: (await mayHide(index, question)) ? null : false };
  const isSure = ownFilters.length === 0 || counted.some(({ isContentOnly }) => !isContentOnly);
  if (isSure) return { head, dirty: true };
  const paths = counted.map(({ path }) => path);
  return { head, dirty: (await allAreFiltered(paths, question)) ? null : true };
}

function changesOf(
  { folder, env, workTree, limitMs, ownFilters }: StatusQuestion,
  settings: readonly string[],
): Promise<GitAnswer> {
  return answerOfGit(folder, {
    env,
    workTree,
    limitMs,
    settings: [
      "status.renames=false",
      "status.aheadBehind=false",
      "status.showUntrackedFiles=no",
      ...withoutFilters(ownFilters),
      ...settings,
    ],
    args: ["status", "--porcelain=v2", "--branch", "--ignore-submodules=dirty", "-z", "--", "."],
  });
}

/** Whether Git has been told not to look at something that is sent or may be missing. */
async function mayHide({ assumed, skipped }: GitIndex, question: StatusQuestion): Promise<boolean> {
  const { fromTop, ignoresModes, counts } = question;
  if (skipped.some((path) => counts({ path, isGone: false }))) return true;
  if (assumed.some((path) => counts({ path, isGone: true }))) return true;
  // Windows knows no executable bit, and none is sent from there.
  if (!ignoresModes || process.platform === "win32") return false;
  const answer = await changesOf(question, ["core.fileMode=true"]);
  if (answer.kind !== "told") return true;
  return parse(answer.output.split("\0"), fromTop).entries.some(counts);
}

interface Entry extends Change {
  /** Whether its bytes are all that differs, so that a filter could make them equal. */
  readonly isContentOnly: boolean;
}

function withoutFilters(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [
    `filter.${name}.clean=`,
    `filter.${name}.process=`,
    `filter.${name}.required=false`,
  ]);
}

/** The second version of the format of `git status --porcelain`, see git-status(1). */
function parse(
  lines: readonly string[],
  fromTop: string,
): { readonly head: GitHead; readonly entries: readonly Entry[] } {
  const head: { commit: string | null; branch: string | null } = { commit: null, branch: null };
  const entries: Entry[] = [];
  for (const line of lines) {
    const [mark, states = "", submodule, , modeInIndex, modeHere] = line.split(" ", 6);
    if (mark === "#") readHeader(line, head);
    const fields = mark === undefined ? undefined : FIELDS_BEFORE_PATH[mark];
    if (fields === undefined) continue;
    const path = line.split(" ").slice(fields).join(" ").slice(fromTop.length);
    const isGone = states[1] === "D" || states === "D.";
    const isContentOnly =
      mark === "1" && states === ".M" && submodule === "N..." && modeInIndex === modeHere;
    entries.push({ path, isGone, isContentOnly });
  }
  return { head, entries };
}

// Changed, unmerged.
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { "1": 8, u: 10 };

function readHeader(line: string, head: { commit: string | null; branch: string | null }): void {
  const [, name, ...rest] = line.split(" ");
  const value = rest.join(" ");
  if (name === "branch.oid") head.commit = value === "(initial)" ? null : value;
  if (name === "branch.head") head.branch = value === "(detached)" ? null : value;
}

/** Whether each of the paths goes through one of the filters that were not run. */
async function allAreFiltered(
  paths: readonly string[],
  { folder, env, workTree, limitMs, ownFilters }: StatusQuestion,
): Promise<boolean> {
  // A command line has its limits; what goes beyond is taken for filtered.
  const asked = paths.slice(0, 500);
  const output = await runGit(folder, {
    env,
    workTree,
    limitMs,
    args: ["check-attr", "-z", "filter", "--", ...asked],
  });
  if (output === null) return true;
  const fields = output.split("\0");
  const filters = fields.filter((_, place) => place % 3 === 2);
  return filters.every((filter) => ownFilters.includes(filter));
}
