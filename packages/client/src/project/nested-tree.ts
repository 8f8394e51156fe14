// A work tree inside a project, as that of a submodule or a clone: which rules hold in it, and what it tracks.
import { join } from "node:path";
import { toByteString } from "./byte-string.ts";
import { watch, type Watched } from "./file-stamp.ts";
import { askGit } from "./git-facts.ts";
import { gitFolderAt } from "./git-folder.ts";
import { defaultExcludesFile, gitFiles } from "./git-state-key.ts";
import type { IgnoreScope } from "./ignore-scope.ts";
import type { Environment, GitMute } from "./run-git.ts";
import { readStandingIgnores } from "./standing-ignores.ts";

/** What holds in a work tree inside a project. */
export interface NestedTree {
  /** Git's rules for all of it, those asked first in front. */
  readonly git: readonly IgnoreScope[];
  readonly ignoreCase: boolean;
  /** Files and work trees that it tracks although its rules name them; paths from the project's root. */
  readonly trackedIgnored: readonly string[];
  /** Its rules as text, so that a change of them is noticed. */
  readonly gitText: string;
  /** Every file on which this hangs, as it was before Git was asked. */
  readonly watched: readonly Watched[];
  /** Why Git did not tell what it tracks; `null` when it did. */
  readonly mute: GitMute | null;
}

/** How a work tree inside is asked about. */
export interface NestedQuestion {
  /** Absolute path of the project's root. */
  readonly root: string;
  readonly env: Environment;
  readonly gitLimitMs?: number | undefined;
  /** Whether Git is asked at all, or counts as silent. */
  readonly isAsked: boolean;
}

/**
 * Asks Git about the work tree in a folder of a project. None of the rules around it is among its own: Git, too, looks at it
 * for itself.
 *
 * @param folder its path from the root, without a slash behind
 */
export async function lookIntoNested(
  folder: string,
  { root, env, gitLimitMs, isAsked }: NestedQuestion,
): Promise<NestedTree> {
  const top = `${root}/${folder}`;
  const git = gitFolderAt(top);
  const before = git === null ? [] : gitFiles(git, env).map(watch);
  const asked =
    isAsked && git !== null ? await askGit(top, { git, env, limitMs: gitLimitMs }) : null;
  const answer = asked ?? (git === null ? "refused" : "silent");
  const facts = typeof answer === "string" ? null : answer;
  const ignoreCase = facts?.ignoreCase ?? false;
  const excludesFile = facts?.excludesFile ?? defaultExcludesFile(env);
  const from = { root: top, git, excludesFile, projectIgnore: [], ignoreCase };
  const standing = readStandingIgnores(from);
  const skip = toByteString(folder).length + 1;
  const further = [...(facts?.configFiles ?? []), join(top, ".gitattributes")];
  return {
    git: standing.git.map((scope) => ({ ...scope, skip })),
    ignoreCase,
    trackedIgnored: (facts?.trackedIgnored ?? []).map((path) => `${folder}/${path}`),
    gitText: standing.gitText,
    watched: [...before, ...standing.watched, ...further.map(watch)],
    mute: typeof answer === "string" ? answer : null,
  };
}
