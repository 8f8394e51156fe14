// Tests that patches are such as Git takes: with them the real `git apply` makes one tree of the other, there and back.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import {
  anyName,
  gitApply,
  patchBetween,
  readPatched,
  writePatched,
  type PatchedTree,
  type Thing,
} from "./patched-tree.fixture.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-patch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (content: string, executable = false): Thing => ({
  kind: "file",
  content: Buffer.from(content).toString("latin1"),
  executable,
});
const link = (target: string): Thing => ({ kind: "link", target });

/** What `git apply` makes of the first tree; what it says where it refuses. */
function applied(before: PatchedTree, after: PatchedTree, options: readonly string[] = []) {
  const root = mkdtempSync(join(folder, "tree-"));
  writePatched(root, before);
  const refusal = gitApply(root, patchBetween(before, after), options);
  return refusal ?? readPatched(root);
}

describe("a patch", () => {
  const cases: readonly (readonly [string, PatchedTree, PatchedTree, readonly string[]])[] = [
    ["a link that came", {}, { l: link("a") }, ["new file mode 120000"]],
    ["a link that went", { l: link("a") }, {}, ["deleted file mode 120000"]],
    ["a link that leads elsewhere", { l: link("a") }, { l: link("b") }, ["--- a/l", "+++ b/l"]],
    [
      "a file that became a link",
      { x: file("a\n") },
      { x: link("a") },
      ["deleted file mode 100644", "new file mode 120000"],
    ],
    [
      "a link that became a file",
      { x: link("a") },
      { x: file("a", true) },
      ["deleted file mode 120000", "new file mode 100755"],
    ],
    ["a bit", { x: file("a") }, { x: file("a", true) }, ["old mode 100644", "new mode 100755"]],
    [
      "a bit and a line",
      { x: file("a\n", true) },
      { x: file("b\n") },
      ["old mode 100755", "new mode 100644", "@@ -1 +1 @@"],
    ],
    ["an empty file that came", {}, { x: file("") }, ["new file mode 100644"]],
    ["an empty file that went", { x: file("", true) }, {}, ["deleted file mode 100755"]],
    [
      "a folder whose name ends with a space",
      {},
      { "b /b ": file("") },
      ['diff --git "a/b /b " "b/b /b "'],
    ],
    ["a folder that became a file", { "x/y": file("a\n") }, { x: file("a\n", true) }, []],
    ["a folder that became a link", { "x/y": file("a\n") }, { x: link("z"), z: file("") }, []],
    ["a link that became a folder", { x: link("z"), z: file("") }, { "x/y": file("a\n") }, []],
    [
      "a link to a folder that became one",
      { "d/y": file("a\n"), x: link("d") },
      { "d/y": file("a\n"), "x/y": file("b\n") },
      ["deleted file mode 120000", "new file mode 100644"],
    ],
    [
      "a name with all that Git quotes",
      { 'a\tb"c\\d\ne f': file("1") },
      { 'a\tb"c\\d\ne f': file("2") },
      ['--- "a/a\\011b\\"c\\\\d\\012e f"\t'],
    ],
  ];

  for (const [what, before, after, lines] of cases) {
    test(`tells of ${what} as Git does`, () => {
      const patch = patchBetween(before, after).toString().split("\n");
      for (const line of lines) expect(patch).toContain(line);
      expect(applied(before, after)).toEqual(after);
      expect(applied(after, before)).toEqual(before);
    });
  }

  test("says of a binary file that it differs, and the rest can be applied without it", () => {
    const before = { "a.bin": file("\0a"), "b.txt": file("1\n") };
    const after = { "a.bin": file("\0b", true), "b.txt": file("2\n") };
    expect(patchBetween(before, after).toString()).toContain(
      "Binary files a/a.bin and b/a.bin differ\n",
    );
    expect(applied(before, after)).toContain("a.bin");
    expect(applied(before, after, ["--exclude=*.bin"])).toEqual({ ...after, "a.bin": file("\0a") });
  });

  test("makes any tree of any other, and undone the first of the second", () => {
    const text = fc
      .tuple(
        fc.array(fc.constantFrom("a", "b", "", "\tc", "d\r", "\u00e9", "--- a/x", "-- ")),
        fc.boolean(),
      )
      .map(([lines, isEnded]) => lines.join("\n") + (isEnded && lines.length > 0 ? "\n" : ""));
    const thing = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.tuple(text, fc.boolean()).map(([content, bit]) => file(content, bit)),
      },
      // Bytes that are no UTF-8.
      text.map((content): Thing => ({ kind: "file", content, executable: false })),
      // Of a link that leads back to itself Git makes no folder.
      anyName.map((name) => link(`to/${name}`)),
    );
    // Few names for both, so that much of one tree is in the other as well.
    const pair = fc.uniqueArray(anyName, { minLength: 1, maxLength: 7 }).chain((names) => {
      const path = fc.oneof(
        fc.constantFrom(...names),
        fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).map((two) => two.join("/")),
      );
      const tree = fc
        .array(fc.tuple(path, thing), { maxLength: 8 })
        .map((things) => withoutClashes(things));
      return fc.tuple(tree, tree);
    });
    fc.assert(
      fc.property(pair, ([before, after]) => {
        expect(applied(before, after)).toEqual(after);
        const root = mkdtempSync(join(folder, "back-"));
        writePatched(root, after);
        expect(gitApply(root, patchBetween(before, after), ["-R"])).toBeNull();
        expect(readPatched(root)).toEqual(before);
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});

test("on a terminal neither names nor lines nor targets hold what it would obey, and in a pipe all are exact", () => {
  // Of UTF-8 and of latin1, which has the same signs as single bytes.
  const hostile = "\u001B]0;x\u0007\u009B2J\u202E\u007F\u2028\r\b";
  const single = Buffer.from("\u001B[2J\u009B2J\u00E9\b", "latin1").toString("latin1");
  const tree: PatchedTree = {
    [`name${hostile}`]: file(`line${hostile}\n`),
    "latin.txt": { kind: "file", content: `line${single}\n`, executable: false },
    l: link(`to${hostile}`),
  };
  for (const [before, after] of [
    [{}, tree],
    [tree, {}],
    [tree, { other: file(`line${hostile}\n`), l: link("x") }],
  ] as const) {
    const shown = patchBetween(before, after, { isTerminal: true }).toString();
    expect(shown).toContain("^[]0;x^G<U+009B>2J<U+202E>^?<U+2028>^M^H");
    expect(shown).not.toMatch(/[[\p{Cc}\p{Bidi_Control}\u2028]--[\n\t]]/v);
  }
  const piped = patchBetween({}, tree);
  expect(piped.includes(`+line${hostile}\n`)).toBe(true);
  expect(piped.includes(Buffer.from(`+line${single}\n`, "latin1"))).toBe(true);
});

/** Things by path, of which none lies below another. */
function withoutClashes(things: readonly (readonly [string, Thing])[]): PatchedTree {
  const tree = new Map<string, Thing>();
  for (const [path, thing] of things) {
    const isFree = [...tree.keys()].every(
      (taken) => !taken.startsWith(`${path}/`) && !path.startsWith(`${taken}/`),
    );
    if (isFree) tree.set(path, thing);
  }
  return Object.fromEntries(tree);
}
