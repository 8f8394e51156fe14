// Tests of patterns; how they compare with Git's own is tested with whole trees.
import { describe, expect, test } from "bun:test";
import { compileGlob } from "./glob.ts";

describe("compileGlob()", () => {
  test("matches as gitignore(5) says", () => {
    const cases: Readonly<Record<string, readonly [yes: string, no: string]>> = {
      "*.py": ["a.py .py", "a.pyc a/b.py"],
      "a?c": ["abc a.c", "ac a/c"],
      "*.py[cod]": ["x.pyc x.pyd", "x.py x.pyx"],
      "[a-c]x": ["ax cx", "dx -x"],
      "[!a-c]x": ["dx -x", "ax /x"],
      "[]-]x": ["]x -x", "ax"],
      "[[:digit:]_]": ["7 _", "a :"],
      "**/foo": ["foo a/foo a/b/foo", "afoo a/foob"],
      "foo/**": ["foo/a foo/a/b", "foo afoo/a"],
      "a/**/b": ["a/b a/x/b a/x/y/b", "ab a/xb"],
      "a/*/b": ["a/x/b", "a/b a/x/y/b"],
      "a*b": ["ab axb", "a/b axc"],
      "\\*a": ["*a", "ba \\*a"],
      "{a,b}": ["{a,b}", "a b"],
    };
    for (const [pattern, [yes, no]] of Object.entries(cases)) {
      const matches = compileGlob(pattern);
      for (const text of yes.split(" "))
        expect([pattern, text, matches(text)]).toEqual([pattern, text, true]);
      for (const text of no.split(" "))
        expect([pattern, text, matches(text)]).toEqual([pattern, text, false]);
    }
  });

  test("matches nothing with a malformed pattern", () => {
    for (const pattern of ["a\\", "[a", "[", "[a-", "[[:foo:]]", "[\\"]) {
      for (const text of ["a", "[a", "[", pattern]) expect(compileGlob(pattern)(text)).toBe(false);
    }
  });

  test("takes no longer for a pattern made to be slow", () => {
    expect(compileGlob(`${"a*".repeat(100)}b`)("a".repeat(5000))).toBe(false);
    expect(compileGlob(`${"**/a*".repeat(40)}b`)("a/".repeat(1000))).toBe(false);
  });
});
