// Asks Git where a project stands: commit, branch, and whether what is sent differs from the commit.
import { relative, sep } from "node:path";
import type { GitState } from "@fetchml/protocol";
import { filesAndFolders } from "./folder-rules.ts";
import { judgedBy, readGitConfig } from "./git-config.ts";
import type { GitFacts } from "./git-facts.ts";
import { workTreeToAsk } from "./git-folder.ts";
import { readGitHead } from "./git-head.ts";
import { askGitStatus, type Change } from "./git-status.ts";
import { keyOf, type KeptGitState, type ProjectInGit } from "./known-git-state.ts";
import { ownRulesLeaveOut } from "./left-out.ts";
import type { GitMute } from "./run-git.ts";

/** What Git is to be asked about. */
export interface GitStateQuestion extends ProjectInGit {
  /** `null` when Git could not tell them. */
  readonly facts: GitFacts | null;
  /** Paths of all that is sent. */
  readonly sent: () => readonly string[];
  /** `[project] ignore` of `ml.toml`. */
  readonly projectIgnore: readonly string[];
  /** Those of `nested` about which Git told nothing before, and is not asked again; about the project neither after a silence. */
  readonly mute: ReadonlyMap<string, GitMute>;
  readonly gitLimitMs?: number | undefined;
}

/** What Git answered. */
export interface AskedGitState {
  /** `null` when nothing is known. */
  readonly state: GitState | null;
  /** `null` when the next call must ask again. */
  readonly kept: KeptGitState | null;
  /** The work tree, from the project's root, about which Git did not end its answer; `null` for none. */
  readonly silent: string | null;
}

/**
 * Asks Git. What FetchML's own rules leave out does not count: neither its changes nor that it is missing. The first work tree
 * about which Git does not end its answer is the last it is asked about; that is kept too, so as not to be waited for each time.
 */
export async function askGitState(question: GitStateQuestion): Promise<AskedGitState> {
  const { root, git, env, facts, nested, mute, gitLimitMs } = question;
  // Before Git looks, so that a change meanwhile shows the next time.
  const head = readGitHead(git);
  const key = head === null ? null : keyOf(question, head.commit);
  const counts = whatCounts(question);
  const way = relative(git.top, root).replaceAll(sep, "/");
  const answer =
    // It reads settings of submodules too, so that a pipe there stops it here.
    facts === null || [...mute.values()].includes("silent")
      ? "refused"
      : await askGitStatus({
          folder: root,
          fromTop: way === "" ? "" : `${way}/`,
          env,
          workTree: workTreeToAsk(git),
          limitMs: gitLimitMs,
          ...facts,
          sent: question.sent,
          counts,
        });
  if (typeof answer === "string") {
    const isSilent = answer === "silent";
    const state = head === null ? null : { ...head, dirty: null };
    const kept = isSilent && key !== null ? { key, dirty: null } : null;
    return { state, kept, silent: isSilent ? "" : null };
  }
  let { dirty } = answer;
  let silent: string | null = null;
  for (const folder of nested) {
    if (dirty === true || silent !== null) break;
    const inside = await dirtyInside(folder, question, counts);
    if (inside === "silent") silent = folder;
    if (inside !== false) dirty = inside === true ? true : null;
  }
  const state = { ...answer.head, dirty };
  if (key === null || head?.commit !== answer.head.commit) return { state, kept: null, silent };
  return { state, kept: { key, dirty }, silent };
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

/** Whether a nested work tree is dirty; `null` where that is not known. */
async function dirtyInside(
  folder: string,
  { root, env, mute, sent, gitLimitMs: limitMs }: GitStateQuestion,
  counts: (change: Change) => boolean,
): Promise<boolean | null | "silent"> {
  if (mute.has(folder)) return null;
  const top = `${root}/${folder}`;
  const run = { env, workTree: top, limitMs };
  const config = await readGitConfig(top, { ...run, top });
  if (typeof config === "string") return config === "silent" ? config : null;
  const answer = await askGitStatus({
    ...run,
    folder: top,
    fromTop: "",
    ...judgedBy(config),
    sent: () => below(folder, sent()),
    counts: ({ path, isGone }) => counts({ path: `${folder}/${path}`, isGone }),
  });
  if (typeof answer !== "string") return answer.dirty;
  return answer === "silent" ? answer : null;
}

/** The paths that lie in a folder, from there. */
function below(folder: string, paths: readonly string[]): readonly string[] {
  const before = `${folder}/`;
  return paths.flatMap((path) => (path.startsWith(before) ? [path.slice(before.length)] : []));
}
