// Where a project stands in Git, as far as that is known without asking Git again.
import type { GitState } from "@fetchml/protocol";
import { gitFolderAt, type GitFolder } from "./git-folder.ts";
import { readGitHead } from "./git-head.ts";
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

/** An answer of Git that holds for as long as the key, all that is sent and all that `KeptTree` watches stay the same. */
export interface KeptGitState {
  /** As {@link keyOf} has it. */
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

/** The commits that are checked out, here and in nested work trees, as text; `null` where that cannot be told. */
export function keyOf({ root, nested }: ProjectInGit, commit: string | null): string | null {
  const parts: (string | null)[] = [commit];
  for (const folder of nested) {
    const git = gitFolderAt(`${root}/${folder}`);
    const head = git === null ? null : readGitHead(git);
    if (git === null || head === null) return null;
    parts.push(folder, head.commit);
  }
  return JSON.stringify(parts);
}
