// Where a project stands in Git, as far as that is known without asking Git again.
import { join } from "node:path";
import type { GitState } from "@fetchml/protocol";
import { gitFolderAt, type GitFolder } from "./git-folder.ts";
import { readGitHead } from "./git-head.ts";
import { gitStateKey, stampsOf } from "./git-state-key.ts";
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

/** An answer of Git that holds for as long as both keys and all that is sent stay the same. */
export interface KeptGitState {
  /** As {@link keyOf} has it. */
  readonly key: string;
  /** Absolute paths of the files that settings in nested work trees name, of which Git alone can tell. */
  readonly nested_files: readonly string[];
  /** Their stamps, as {@link stampsOf} has them. */
  readonly nested_key: string;
  readonly dirty: GitState["dirty"];
}

/** The state as far as Git's own files and what it told before say it; `null` when Git must be asked. */
export function knownGitState(kept: KeptGitState | null, project: ProjectInGit): GitState | null {
  if (kept === null) return null;
  const head = readGitHead(project.git);
  if (head === null || kept.key !== keyOf(project, head.commit)) return null;
  if (kept.nested_key !== stampsOf(kept.nested_files)) return null;
  return { ...head, dirty: kept.dirty };
}

/** A text that changes when Git's answer may change, files that nested settings name aside; `null` where that cannot be told. */
export function keyOf({ root, env, nested }: ProjectInGit, commit: string | null): string | null {
  const parts: (string | null)[] = [commit];
  for (const folder of nested) {
    const git = gitFolderAt(`${root}/${folder}`);
    const head = git === null ? null : readGitHead(git);
    if (git === null || head === null) return null;
    const configFiles = [join(git.commonDir, "info", "exclude")];
    parts.push(folder, head.commit, gitStateKey(git, { env, configFiles }));
  }
  return JSON.stringify(parts);
}
