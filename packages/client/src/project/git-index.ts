// Asks Git which files of a work tree it tracks, and at which of them it does not look.
import { answerOfGit, type GitMute, type GitRun } from "./run-git.ts";

/** What Git tracks in a folder; all paths from there. */
export interface GitIndex {
  /** A work tree of its own, as a submodule has it, is one path. */
  readonly tracked: ReadonlySet<string>;
  /** Those taken for unchanged, whatever has become of them (`git update-index --assume-unchanged`). */
  readonly assumed: readonly string[];
  /** Those that are not looked at when they are there (`--skip-worktree`), as a sparse checkout leaves them out. */
  readonly skipped: readonly string[];
}

/** Asks `git ls-files`: 5 ms for 20,000 files. @returns why not, when Git does not tell */
export async function askGitIndex(
  folder: string,
  run: Pick<GitRun, "env" | "workTree" | "limitMs">,
): Promise<GitIndex | GitMute> {
  const answer = await answerOfGit(folder, { ...run, args: ["ls-files", "-v", "-z"] });
  if (answer.kind !== "told") return answer.kind;
  const tracked = new Set<string>();
  const assumed: string[] = [];
  const skipped: string[] = [];
  for (const line of answer.output.split("\0")) {
    if (line === "") continue;
    // One letter and a space, see -t and -v in git-ls-files(1).
    const mark = line.slice(0, 1);
    const path = line.slice(2);
    tracked.add(path);
    if (mark === "S" || mark === "s") skipped.push(path);
    else if (mark !== mark.toUpperCase()) assumed.push(path);
  }
  return { tracked, assumed, skipped };
}

/** Whether each of the files is tracked, or lies in a work tree that is. */
export function tracksAll(
  { tracked }: GitIndex,
  files: readonly string[],
  { ignoreCase }: { readonly ignoreCase: boolean },
): boolean {
  const folded = (path: string): string =>
    ignoreCase ? path.normalize("NFC").toLowerCase() : path;
  const known = ignoreCase ? new Set([...tracked].map(folded)) : tracked;
  const isKnown = (path: string): boolean => {
    for (let end = path.length; end !== -1; end = path.lastIndexOf("/", end - 1)) {
      if (known.has(path.slice(0, end))) return true;
    }
    return false;
  };
  return files.every((path) => isKnown(folded(path)));
}
