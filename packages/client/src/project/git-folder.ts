// Finds what Git keeps for the work tree in which a project lies, without running Git.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { foldersUpwards } from "./folders-upwards.ts";

/** Git's own folders for one work tree; absolute paths. */
export interface GitFolder {
  /** Top of the work tree: the project's root or a folder above it. */
  readonly top: string;
  /** What belongs to this work tree alone, the index among it. */
  readonly gitDir: string;
  /** What it shares with the other work trees of its repository; often the same folder. */
  readonly commonDir: string;
}

/** The work tree that a project's root lies in; `null` when it lies in none. Looks no further up than for the root. */
export function findGitFolder(root: string, { home }: { readonly home: string }): GitFolder | null {
  for (const top of foldersUpwards(root, { home })) {
    const found = gitFolderAt(top);
    if (found !== null) return found;
  }
  return null;
}

/** The work tree whose top this is; `null` when it is the top of none. */
export function gitFolderAt(top: string): GitFolder | null {
  const gitDir = gitDirOf(top);
  if (gitDir === null) return null;
  const common = firstLine(join(gitDir, "commondir"));
  return { top, gitDir, commonDir: common === null ? gitDir : resolve(gitDir, common) };
}

/** What must be there, and be right, for Git to take the folders for a repository; absolute paths. */
export function repositoryMarks({ gitDir, commonDir }: GitFolder): readonly string[] {
  return [join(gitDir, "HEAD"), join(commonDir, "objects"), join(commonDir, "refs")];
}

/** Whether Git takes them for a repository. Where it does not, it answers for the work tree around. */
export function isRepository(git: GitFolder): boolean {
  const head = firstLine(join(git.gitDir, "HEAD")) ?? "";
  return /^(?:ref: *refs\/|[0-9a-f]{40})/.test(head) && repositoryMarks(git).every(existsSync);
}

/**
 * What to tell Git that its work tree is, so that it answers for this one though its settings name another or none; `null`
 * where it would tell that to the repository around, and where nothing was ever tracked here: a folder with work trees of a
 * bare repository points at that, and is no work tree itself.
 */
export function workTreeToAsk(git: GitFolder): string | null {
  return isRepository(git) && existsSync(join(git.gitDir, "index")) ? git.top : null;
}

/** Git's folder for the work tree whose top this is; `null` when it is the top of none. */
export function gitDirOf(folder: string): string | null {
  const dotGit = join(folder, ".git");
  if (firstLine(join(dotGit, "HEAD")) !== null) return dotGit;
  // In a linked work tree or a submodule `.git` is a file that names the folder.
  const pointer = firstLine(dotGit);
  return pointer?.startsWith("gitdir: ") === true ? resolve(folder, pointer.slice(8)) : null;
}

function firstLine(path: string): string | null {
  try {
    // A pipe of that name would be waited for without end.
    if (!statSync(path).isFile()) return null;
    return readFileSync(path, "utf8").split(/\r?\n/, 1)[0] ?? null;
  } catch {
    return null;
  }
}
