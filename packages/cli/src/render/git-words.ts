// Words for where a project stood in Git.
import type { GitState } from "@fetchml/protocol";
import { plainText } from "./plain-text.ts";

/** How many digits of a commit's id are shown. */
const SHOWN_DIGITS = 12;

/** Such as `main at 1a2b3c4d5e6f, dirty`. */
export function gitWords({ commit, branch, dirty }: GitState): string {
  const place = branch === null ? "no branch" : plainText(branch);
  const id = commit === null ? "before its first commit" : `at ${commit.slice(0, SHOWN_DIGITS)}`;
  return `${place} ${id}, ${dirtyWords(dirty)}`;
}

function dirtyWords(dirty: boolean | null): string {
  if (dirty === null) return "clean or dirty is not known";
  return dirty ? "dirty" : "clean";
}
