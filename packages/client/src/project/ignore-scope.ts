// Several ignore files that speak of the same folder, in the order in which they are asked.
import type { Candidate, IgnoreRules, Verdict } from "./ignore-rules.ts";

/** The rules of one ignore file and where it stands, seen from the project's root. */
export interface IgnoreScope {
  readonly rules: IgnoreRules;
  /** For a file above the root: the path from there down to the root, with a slash behind; else empty. */
  readonly prefix: string;
  /** For a file below the root: the length of its folder's path with the slash behind it; else 0. */
  readonly skip: number;
}

/** What the first scope that has a rule for it says; the path of the candidate counts from the project's root. */
export function scopedVerdict(scopes: readonly IgnoreScope[], candidate: Candidate): Verdict {
  for (const { rules, prefix, skip } of scopes) {
    const path = prefix + candidate.path.slice(skip);
    const verdict = rules.verdict({ name: candidate.name, path, isFolder: candidate.isFolder });
    if (verdict !== null) return verdict;
  }
  return null;
}
