// Tests of the words for where a project stood in Git.
import { expect, test } from "bun:test";
import { gitWords } from "./git-words.ts";

test("gitWords() tells branch, commit, and whether anything was not committed", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const cases = [
    [{ commit, branch: "main", dirty: false }, "main at 0123456789ab, clean"],
    [{ commit, branch: "feature/x", dirty: true }, "feature/x at 0123456789ab, dirty"],
    [{ commit, branch: null, dirty: false }, "no branch at 0123456789ab, clean"],
    [{ commit: null, branch: "main", dirty: true }, "main before its first commit, dirty"],
    [{ commit, branch: "main", dirty: null }, "main at 0123456789ab, clean or dirty is not known"],
    [{ commit, branch: "a\u001b[2Jb", dirty: true }, "ab at 0123456789ab, dirty"],
  ] as const;
  for (const [state, words] of cases) expect(gitWords(state)).toBe(words);
});
