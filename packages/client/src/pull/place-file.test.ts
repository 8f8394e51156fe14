// Putting things in their place while others do the same.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeFile, placeLink } from "./place-file.ts";
import { TargetFolder } from "./target-folder.ts";

let root: string;
let target: TargetFolder;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "fetchml-place-")));
  mkdirSync(join(root, "target"));
  target = new TargetFolder(join(root, "target"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function part(content = "new"): string {
  const path = join(root, "part");
  writeFileSync(path, content);
  return path;
}

const PLAIN = { executable: false, modifiedAt: null };

describe("placeFile()", () => {
  test("gives a file its name, its time and its bit, and makes the folders above it", () => {
    const placed = placeFile(
      part(),
      { executable: true, modifiedAt: 1_700_000_000_123 },
      { target, localPath: "a/b/c", replaces: null },
    );
    expect(placed).toBeNull();
    const stats = statSync(target.at("a/b/c"));
    expect([stats.mtimeMs, stats.mode & 0o100, stats.nlink]).toEqual([1_700_000_000_123, 0o100, 1]);
    expect(lstatSync(join(root, "part"), { throwIfNoEntry: false })).toBeUndefined();
  });

  test("leaves what has come up since it was looked for", () => {
    writeFileSync(target.at("x"), "theirs");
    expect(placeFile(part(), PLAIN, { target, localPath: "x", replaces: null })).toMatch(
      /meanwhile/,
    );
    symlinkSync("nowhere", target.at("link"));
    expect(placeFile(part(), PLAIN, { target, localPath: "link", replaces: null })).toMatch(
      /meanwhile/,
    );
    expect(readFileSync(target.at("x"), "utf8")).toBe("theirs");
  });

  test("replaces what was agreed on, and nothing that has changed since", () => {
    writeFileSync(target.at("x"), "old");
    const before = lstatSync(target.at("x"));
    expect(placeFile(part(), PLAIN, { target, localPath: "x", replaces: before })).toBeNull();
    expect(readFileSync(target.at("x"), "utf8")).toBe("new");
    expect(placeFile(part("newer"), PLAIN, { target, localPath: "x", replaces: before })).toMatch(
      /changed here meanwhile/,
    );
    expect(readFileSync(target.at("x"), "utf8")).toBe("new");
  });

  test("writes nothing through a folder that has been changed into a link", () => {
    expect(placeFile(part(), PLAIN, { target, localPath: "sub/a", replaces: null })).toBeNull();
    mkdirSync(join(root, "outside"));
    renameSync(target.at("sub"), join(root, "moved"));
    symlinkSync(join(root, "outside"), target.at("sub"));
    expect(placeFile(part(), PLAIN, { target, localPath: "sub/b", replaces: null })).toMatch(
      /link/,
    );
    expect(lstatSync(join(root, "outside", "b"), { throwIfNoEntry: false })).toBeUndefined();
  });

  test("says what is in the way of the folders above it", () => {
    writeFileSync(target.at("file"), "");
    symlinkSync("/tmp", target.at("way"));
    expect(placeFile(part(), PLAIN, { target, localPath: "file/x", replaces: null })).toBe(
      'lies below "file", which is no folder here',
    );
    expect(placeFile(part(), PLAIN, { target, localPath: "way/x", replaces: null })).toBe(
      'lies below "way", which is a link here',
    );
  });
});

describe("placeLink()", () => {
  test("makes a link, replaces one that it may, and leaves no spare", () => {
    const spare = join(root, "spare");
    expect(placeLink("a", spare, { target, localPath: "sub/link", replaces: null })).toBeNull();
    expect(readlinkSync(target.at("sub/link"))).toBe("a");
    const before = lstatSync(target.at("sub/link"));
    expect(placeLink("b", spare, { target, localPath: "sub/link", replaces: before })).toBeNull();
    expect(readlinkSync(target.at("sub/link"))).toBe("b");
    expect(placeLink("c", spare, { target, localPath: "sub/link", replaces: null })).toMatch(
      /meanwhile/,
    );
    expect(lstatSync(spare, { throwIfNoEntry: false })).toBeUndefined();
  });
});
