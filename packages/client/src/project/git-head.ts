// Tells which commit and branch are checked out from Git's own files, without running Git.
import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { GitFolder } from "./git-folder.ts";

/** What is checked out. */
export interface GitHead {
  /** Id of the commit, lower-case hexadecimal; `null` before the first one. */
  readonly commit: string | null;
  /** `null` where none is checked out, as with a detached HEAD. */
  readonly branch: string | null;
}

/**
 * Reads `HEAD`, and the branch it names from its own file or from `packed-refs`: two small files, some 50 µs.
 *
 * @returns `null` when they do not tell, as in a repository that keeps its branches in a table (`reftable`), or where `HEAD`
 *   is a link or names something that is no branch
 */
export function readGitHead({ gitDir, commonDir }: GitFolder): GitHead | null {
  const head = content(join(gitDir, "HEAD"), lstatSync)?.trim();
  if (head === undefined) return null;
  if (COMMIT.test(head)) return { commit: head, branch: null };
  const ref = refIn(head);
  if (ref === null) return null;
  const commit = commitOf(commonDir, ref);
  return commit === undefined ? null : { commit, branch: ref.slice(BRANCHES.length) };
}

const BRANCHES = "refs/heads/";
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The branch that a symbolic ref names. With a table of branches `HEAD` names one that no branch can be called. */
function refIn(text: string): string | null {
  const ref = /^ref: (refs\/heads\/.+)$/.exec(text)?.[1];
  if (ref === undefined || ref === `${BRANCHES}.invalid`) return null;
  return ref.split("/").includes("..") ? null : ref;
}

/** `null` before the first commit; `undefined` where the files do not tell. */
function commitOf(commonDir: string, ref: string): string | null | undefined {
  const own = content(join(commonDir, ref))?.trim();
  // One that names another branch is rare enough to ask Git.
  if (own !== undefined) return COMMIT.test(own) ? own : undefined;
  const packed = content(join(commonDir, "packed-refs"));
  const at = packed?.indexOf(` ${ref}\n`) ?? -1;
  if (packed === undefined || at === -1) return null;
  const commit = packed.slice(packed.lastIndexOf("\n", at) + 1, at);
  return COMMIT.test(commit) ? commit : undefined;
}

function content(path: string, look: typeof lstatSync = statSync): string | undefined {
  try {
    // A pipe of that name would be waited for without end.
    return look(path).isFile() ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
