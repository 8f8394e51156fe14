// Where a project stands in Git: commit, branch, and whether what is sent differs from the commit. Git is asked only when its
// answer may have changed.
import { relative, sep } from "node:path";
import type { GitState } from "@fetchml/protocol";
import { filesAndFolders } from "./folder-rules.ts";
import { readGitConfig } from "./git-config.ts";
import { gitStateKey, type GitFacts } from "./git-facts.ts";
import { gitFolderAt, type GitFolder } from "./git-folder.ts";
import { readGitHead } from "./git-head.ts";
import { askGitStatus, type Change } from "./git-status.ts";
import { ownRulesLeaveOut } from "./left-out.ts";
import type { Environment } from "./run-git.ts";

/** A project in a Git work tree. */
export interface ProjectInGit {
  /** Absolute path of its root. */
  readonly root: string;
  readonly git: GitFolder;
  readonly env: Environment;
  /** Folders in it that are work trees of their own, from the root. */
  readonly nested: readonly string[];
}

/** An answer of Git that holds for as long as the key and all that is sent stay the same. */
export interface KeptGitState {
  readonly key: string;
  readonly dirty: GitState["dirty"];
}

/** The state as far as Git's own files and what it told before say it; `null` when Git must be asked. */
export function knownGitState(kept: KeptGitState | null, project: ProjectInGit): GitState | null {
  if (kept === null) return null;
  const head = readGitHead(project.git);
  if (head === null || kept.key !== keyOf(project, head.commit)) return null;
  return { ...head, dirty: kept.dirty };
}

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
  const isKept = key !== null && head?.commit === answer.head.commit;
  return { state: { ...answer.head, dirty }, kept: isKept ? { key, dirty } : null };
}

function keyOf({ root, env, nested }: ProjectInGit, commit: string | null): string | null {
  const parts: (string | null)[] = [commit];
  for (const folder of nested) {
    const git = gitFolderAt(`${root}/${folder}`);
    const head = git === null ? null : readGitHead(git);
    if (git === null || head === null) return null;
    parts.push(folder, head.commit, gitStateKey(git, { env, configFiles: [] }));
  }
  return JSON.stringify(parts);
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
