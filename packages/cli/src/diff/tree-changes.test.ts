// Tests of comparing two trees by their manifests.
import { describe, expect, test } from "bun:test";
import type { Manifest, ManifestEntry } from "@fetchml/protocol";
import * as fc from "fast-check";
import { compareTrees, unknownPaths } from "./tree-changes.ts";

const file = (path: string, content: string, executable = false): ManifestEntry => ({
  kind: "file",
  path,
  size_bytes: content.length,
  hash: content.padEnd(64, "0"),
  executable,
});
const link = (path: string, target: string): ManifestEntry => ({ kind: "symlink", path, target });
const tree = (...entries: ManifestEntry[]): Manifest => ({ version: 1, entries });

function told(before: Manifest, after: Manifest, paths?: readonly string[]) {
  return compareTrees(before, after, paths).map(({ kind, before: old, after: young }) =>
    kind === "renamed" ? [kind, old.path, young.path] : [kind, (young ?? old).path],
  );
}

describe("compareTrees()", () => {
  test("tells what came, went and changed, ordered by path", () => {
    const before = tree(file("b", "1"), file("c", "2"), file("d", "3"), link("l", "b"));
    const after = tree(file("a", "9"), file("b", "1"), file("c", "8"), link("l", "c"));
    expect(told(before, after)).toEqual([
      ["added", "a"],
      ["changed", "c"],
      ["removed", "d"],
      ["changed", "l"],
    ]);
  });

  test("takes the executable bit for a change", () => {
    expect(told(tree(file("a", "1")), tree(file("a", "1", true)))).toEqual([["changed", "a"]]);
  });

  test("takes a file that became a link for one that went and one that came, in this order", () => {
    expect(told(tree(file("a", "1")), tree(link("a", "b")))).toEqual([
      ["removed", "a"],
      ["added", "a"],
    ]);
  });

  test("knows a renamed file by its content, best by its name too, and each only once", () => {
    const before = tree(file("x/one", "s"), file("x/two", "s"), file("z", "other"));
    const after = tree(file("y/one", "s"), file("y/three", "s"), file("y/two", "s"));
    expect(told(before, after)).toEqual([
      ["renamed", "x/one", "y/one"],
      ["added", "y/three"],
      ["renamed", "x/two", "y/two"],
      ["removed", "z"],
    ]);
  });

  test("takes no empty file and no link for renamed, and no file that is still there", () => {
    expect(told(tree(file("a", ""), link("l", "t")), tree(file("b", ""), link("m", "t")))).toEqual([
      ["removed", "a"],
      ["added", "b"],
      ["removed", "l"],
      ["added", "m"],
    ]);
    expect(told(tree(file("a", "1")), tree(file("a", "1"), file("b", "1")))).toEqual([
      ["added", "b"],
    ]);
  });

  test("is quick where thousands of files have one content", () => {
    const many = (folder: string) =>
      tree(...Array.from({ length: 20_000 }, (_, i) => file(`${folder}/${i}`, "same")));
    expect(compareTrees(many("a"), many("b")).every(({ kind }) => kind === "renamed")).toBe(true);
  }, 10_000);

  test("keeps to paths: a file, a folder, not what merely begins alike", () => {
    const after = tree(
      file("src", "0"),
      file("src2/a", "1"),
      file("sub/a", "2"),
      file("sub/b", "3"),
    );
    expect(told(tree(), after, ["src", "./sub/"])).toEqual([
      ["added", "src"],
      ["added", "sub/a"],
      ["added", "sub/b"],
    ]);
    for (const all of [[], ["."], ["./"], [""]]) expect(told(tree(), after, all)).toHaveLength(4);
    expect(unknownPaths(["src", "sr", "sub/", "sub/c"], [tree(), after])).toEqual(["sr", "sub/c"]);
  });

  test("names every path that differs, and no other", () => {
    const entries = fc.dictionary(
      fc.constantFrom("a", "b", "c/d", "c/e", "f", "g/h/i"),
      fc.record({ content: fc.constantFrom("", "1", "2"), executable: fc.boolean() }),
    );
    const manifestOf = (things: Record<string, { content: string; executable: boolean }>) =>
      tree(
        ...Object.entries(things)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([path, { content, executable }]) => file(path, content, executable)),
      );
    fc.assert(
      fc.property(entries, entries, (old, young) => {
        const touched = compareTrees(manifestOf(old), manifestOf(young)).flatMap((change) => [
          ...(change.before === null ? [] : [change.before.path]),
          ...(change.after === null ? [] : [change.after.path]),
        ]);
        const paths = new Set([...Object.keys(old), ...Object.keys(young)]);
        const differing = [...paths].filter((path) => !Bun.deepEquals(old[path], young[path]));
        expect(new Set(touched)).toEqual(new Set(differing));
      }),
      { numRuns: 500 },
    );
  });
});
