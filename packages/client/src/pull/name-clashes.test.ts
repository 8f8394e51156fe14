// Names that one disk keeps apart and another one does not.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findClashes, foldsNames } from "./name-clashes.ts";

const NAMES = ["Model.pt", "x", "model.pt", "a/\u00e9", "a/e\u0301", "A/\u00c9"];

describe("findClashes()", () => {
  test("finds what differs only in case or in how an accent is composed, where the disk folds names", () => {
    expect([...findClashes(NAMES, () => true)]).toEqual([
      [2, "Model.pt"],
      [4, "a/\u00e9"],
      [5, "a/\u00e9"],
    ]);
  });

  test("finds nothing of that where the disk keeps them apart, and the same name twice anywhere", () => {
    expect(findClashes(NAMES, () => false).size).toBe(0);
    expect([...findClashes(["x", "y", "x"], () => false)]).toEqual([[2, "x"]]);
  });

  test("asks the disk only where it matters, and once", () => {
    let asked = 0;
    const isFolding = () => (asked += 1) > 0;
    findClashes(["a", "b", "sub/a"], isFolding);
    expect(asked).toBe(0);
    findClashes(NAMES, isFolding);
    expect(asked).toBe(1);
  });
});

describe("foldsNames()", () => {
  test("tries it out and leaves nothing behind", () => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-names-"));
    expect(foldsNames(join(folder, "spare"))).toBe(
      process.platform === "darwin" || process.platform === "win32",
    );
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
