// Tests of the rules for paths in a manifest.
import { describe, expect, test } from "bun:test";
import { manifestPathProblem } from "./manifest-paths.ts";
import { NEW_TREE, STORED_TREE } from "./manifest-rules.ts";

describe("manifestPathProblem()", () => {
  test("takes ordinary paths, odd but harmless ones included", () => {
    const paths = [
      "a",
      "a/b.py",
      "...",
      "a..b/..c",
      " a ",
      "ä/日本",
      "😀",
      "-",
      "~",
      "a:b",
      "*?[]",
    ];
    const edges = ["x".repeat(255), "ä".repeat(127), long(3072), `${"x/".repeat(128)}f`];
    for (const path of [...paths, ...edges]) {
      expect([path, manifestPathProblem(path)]).toEqual([path, null]);
    }
  });

  test("refuses what could leave the folder, confuse a reader or not be written", () => {
    const cases: Readonly<Record<string, string>> = {
      "": "empty",
      "/etc/passwd": "absolute",
      "..": '".."',
      "a/../b": '".."',
      "./a": '"."',
      "a/.": '"."',
      "a//b": "empty part",
      "a/": "empty part",
      "a\0b": "control",
      "a\nb": "control",
      "a\u009bb": "control",
      "a\\b": "backslash",
      "a\ud800": "Unicode",
      ["x".repeat(256)]: "255 bytes",
      ["ä".repeat(128)]: "255 bytes",
      [long(3073)]: "3072 bytes",
      [`${"x/".repeat(129)}f`]: "128 folders",
      [`${"långt namn/".repeat(129)}f`]: "128 folders",
    };
    for (const [path, word] of Object.entries(cases)) {
      expect(manifestPathProblem(path)).toContain(word);
    }
  });

  test("takes of a tree that was taken before what was allowed then, and leaves room in front of a new one", () => {
    for (const path of [long(4096), `${"x/".repeat(2047)}f`]) {
      expect(manifestPathProblem(path, STORED_TREE)).toBeNull();
      expect(manifestPathProblem(path)).not.toBeNull();
    }
    expect(manifestPathProblem(long(4097), STORED_TREE)).toContain("4096 bytes");
    // The folder of a box's data, and `/attempts/1000000.100/job/work/` in it.
    expect(4096 - NEW_TREE.pathBytes).toBeGreaterThan(900);
  });
});

/** A path of so many bytes in names of usual length. */
function long(bytes: number): string {
  return `${"name-of-30-bytes-and-its-slash/".repeat(200).slice(0, bytes - 1)}f`;
}
