// Tests of what the paths of a manifest make of folders.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { comparePaths } from "./manifest-bytes.ts";
import { createTreeNames, findPathClash, foldersBegun, sharedLength } from "./manifest-folders.ts";
import { foldName } from "./manifest-fold.ts";

describe("findPathClash()", () => {
  test("finds paths that differ only in case or in how an accent is composed", () => {
    expect(findPathClash(["a", "b", "B"])).toEqual(["b", "B"]);
    expect(findPathClash(["caf\u00e9", "cafe\u0301"])).toEqual(["caf\u00e9", "cafe\u0301"]);
    expect(findPathClash(["Src/x/a", "src/x/b"])).toEqual(["Src", "src"]);
    expect(findPathClash(["A", "a/x"])).toEqual(["A", "a"]);
  });

  test("finds paths that differ only in what Windows drops, or in small letters that share a capital", () => {
    expect(findPathClash(["a.", "a/x"])).toEqual(["a.", "a"]);
    expect(findPathClash(["b/x .", "B/x"])).toEqual(["b", "B"]);
    expect(findPathClash(["b/x", "b/x. ."])).toEqual(["b/x", "b/x. ."]);
    expect(findPathClash(["b /x", "b/y"])).toEqual(["b ", "b"]);
    expect(findPathClash(["\u03c3", "\u03c2"])).toEqual(["\u03c3", "\u03c2"]);
    expect(findPathClash(["K", "\u212a"])).toEqual(["K", "\u212a"]);
    expect(findPathClash([".a", "a", "a.b", "a .b"])).toBeNull();
  });

  test("finds letters that have a capital of two, and what a Mac ignores", () => {
    expect(findPathClash(["STRA\u1e9eE.txt", "stra\u00dfe.txt"])).not.toBeNull();
    expect(findPathClash(["\u00df", "\u1e9e"])).toEqual(["\u00df", "\u1e9e"]);
    expect(findPathClash(["a/ss", "a/\u1e9e"])).toEqual(["a/ss", "a/\u1e9e"]);
    expect(findPathClash(["ab", "a\u200db"])).toEqual(["ab", "a\u200db"]);
    expect(findPathClash(["a\ufeff/x", "a/x"])).toEqual(["a\ufeff", "a"]);
  });

  test("finds none where there is none", () => {
    expect(findPathClash(["a", "a/b", "a/b/c", "a/c", "b/a"])).toBeNull();
  });
});

const sortedPaths = fc
  .uniqueArray(
    fc
      .array(fc.constantFrom("a", "A", "b", "b.", "a-", "\u00e9", "e\u0301", "\u{10000}"), {
        minLength: 1,
        maxLength: 5,
      })
      .map((names) => names.join("/")),
    { maxLength: 12 },
  )
  .map((paths) => paths.toSorted(comparePaths));

describe("createTreeNames()", () => {
  test("finds what a look at all pairs of paths and folders finds, and counts the folders", () => {
    fc.assert(
      fc.property(sortedPaths, fc.boolean(), (paths, foldsNames) => {
        const names = createTreeNames({ foldsNames });
        const taken: string[] = [];
        for (const path of paths) {
          const misfit = names.take(path);
          const fits = misfitOf(taken, path, foldsNames);
          expect([taken, path, misfit?.kind ?? null]).toEqual([taken, path, fits]);
          if (misfit !== null) return;
          taken.push(path);
          expect(names.folders).toBe(new Set(taken.flatMap(foldersAbove)).size);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("names what a path lies below", () => {
    const names = createTreeNames({ foldsNames: true });
    for (const path of ["x/a", "x/a-"]) expect(names.take(path)).toBeNull();
    expect(names.take("x/a/b/c")).toEqual({ kind: "below", path: "x/a" });
  });
});

test("foldersBegun() of all paths are the folders of the tree", () => {
  fc.assert(
    fc.property(sortedPaths, (paths) => {
      const begun = paths.map((path, place) => foldersBegun(path, paths[place - 1] ?? ""));
      const folders = new Set(paths.flatMap(foldersAbove));
      expect(begun.reduce((sum, count) => sum + count, 0)).toBe(folders.size);
    }),
  );
  expect([sharedLength("ab/c", "ab/d"), sharedLength("a", "a"), sharedLength("", "a")]).toEqual([
    3, 1, 0,
  ]);
});

/** Path by path, the slow and plain way. */
function misfitOf(taken: readonly string[], path: string, foldsNames: boolean): string | null {
  const all = new Set(taken.flatMap((one) => [...foldersAbove(one), one]));
  for (const one of [...foldersAbove(path), path]) {
    if (one !== path && taken.includes(one)) return "below";
    if (!foldsNames) continue;
    const isOther = (other: string) => other !== one && folded(other) === folded(one);
    if ([...all].some(isOther)) return "same-name";
  }
  return null;
}

function folded(path: string): string {
  return path.split("/").map(foldName).join("/");
}

function foldersAbove(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, place) => names.slice(0, place + 1).join("/"));
}
