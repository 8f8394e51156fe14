// Tests of making the folders of a tree.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entriesOf } from "./code-server.fixture.ts";
import { foldersOf, makeFolders } from "./tree-folders.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fetchml-folders-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("makeFolders()", () => {
  test("makes what paths need, nothing else, and leaves what is there", () => {
    const entries = entriesOf({ "a/b/c/x": "", "a/y": "", d: { link: "a" }, "e/f/z": "" });
    const folders = foldersOf({ version: 1, entries });
    expect(folders.toSorted()).toEqual(["a", "a/b", "a/b/c", "e", "e/f"]);
    mkdirSync(join(root, "e"));
    expect(makeFolders(root, folders)).toBeNull();
    expect(makeFolders(root, folders)).toBeNull();
    for (const folder of folders) expect(lstatSync(join(root, folder)).isDirectory()).toBe(true);
    expect(readdirSync(root).toSorted()).toEqual(["a", "e"]);
  });

  test("stops at a link or a file in the place of a folder, and makes nothing behind it", () => {
    const elsewhere = join(root, "elsewhere");
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(root, "a"));
    expect(makeFolders(root, ["a", "a/b"])).toBe("a");
    expect(readdirSync(elsewhere)).toEqual([]);
    writeFileSync(join(root, "f"), "");
    expect(makeFolders(root, ["f"])).toBe("f");
  });
});
