// Asks Git where a project stands: commit, branch, and whether what is sent differs from the commit.
import { relative, sep } from "node:path";
import type { GitState } from "@fetchml/protocol";
import { filesAndFolders } from "./folder-rules.ts";
import { readGitConfig } from "./git-config.ts";
import type { GitFacts } from "./git-facts.ts";
import { readGitHead } from "./git-head.ts";
import { askGitStatus, type Change } from "./git-status.ts";
import { keyOf, type KeptGitState, type ProjectInGit } from "./known-git-state.ts";
import { ownRulesLeaveOut } from "./left-out.ts";

/** What Git is to be asked about. */
export interface GitStateQuestion extends ProjectInGit {
  /** `null` when Git could not tell them. */
  readonly facts: GitFacts | null;
  /** Paths of all that is sent. */
  readonly sent: () => readonly string[];
  /** `[project] ignore` of `ml.toml`. */
  readonly projectIgnore: readonly string[];
}

/** What Git answered. */
export interface AskedGitState {
  /** `null` when nothing is known. */
  readonly state: GitState | null;
  /** `null` when the next call must ask again. */
  readonly kept: KeptGitState | null;
}

/**
 * Asks Git. What FetchML's own rules leave out does not count: neither its changes nor that it is missing.
 */
export async function askGitState(question: GitStateQuestion): Promise<AskedGitState> {
  const { root, git, env, facts, nested } = question;
  // Before Git looks, so that a change meanwhile shows the next time.
  const head = readGitHead(git);
  const key = head === null ? null : keyOf(question, head.commit);
  const counts = whatCounts(question);
  const way = relative(git.top, root).replaceAll(sep, "/");
  const answer =
    facts === null
      ? null
      : await askGitStatus({
          folder: root,
          fromTop: way === "" ? "" : `${way}/`,
          env,
          ownFilters: facts.ownFilters,
          counts,
        });
  if (answer === null)
    return { state: head === null ? null : { ...head, dirty: null }, kept: null };
  let { dirty } = answer;
  for (const folder of nested) {
    if (dirty === true) break;
    const inside = await dirtyInside(folder, question, counts);
    if (inside !== false) dirty = inside;
  }
  const state = { ...answer.head, dirty };
  if (key === null || head?.commit !== answer.head.commit) return { state, kept: null };
  return { state, kept: { key, dirty } };
}

function whatCounts(question: GitStateQuestion): (change: Change) => boolean {
  let sent: ReturnType<typeof filesAndFolders> | null = null;
  let isLeftOut: ((path: string) => boolean) | null = null;
  return ({ path, isGone }) => {
    sent ??= filesAndFolders(question.sent());
    if (sent.files.has(path) || sent.folders.has(path)) return true;
    if (!isGone) return false;
    isLeftOut ??= ownRulesLeaveOut({
      ...question,
      ignoreCase: question.facts?.ignoreCase === true,
    });
    return !isLeftOut(path);
  };
}

/** Whether a nested work tree is dirty. */
async function dirtyInside(
  folder: string,
  { root, env }: ProjectInGit,
  counts: (change: Change) => boolean,
): Promise<boolean | null> {
  const top = `${root}/${folder}`;
  const config = await readGitConfig(top, { top, env });
  if (config === null) return null;
  const answer = await askGitStatus({
    folder: top,
    fromTop: "",
    env,
    ownFilters: config.ownFilters,
    counts: ({ path, isGone }) => counts({ path: `${folder}/${path}`, isGone }),
  });
  return answer === null ? null : answer.dirty;
}
