// Tests of finding what Git would take for a bare repository; Git itself is the judge.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { bareRepositoryHeads } from "./git-layout.ts";

describe("bareRepositoryHeads()", () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["HEAD", "config", "objects/x", "refs/x"], ["HEAD"]],
    [["a/b/HEAD", "a/b/objects/x/y", "a/b/refs/x", "a/HEAD"], ["a/b/HEAD"]],
    [["HEAD", "objects", "refs"], ["HEAD"]],
    [["head", "OBJECTS/x", "Refs/x"], ["head"]],
    [["A/Head", "a/objects/x", "a/ref\u017F/x"], ["A/Head"]],
    [["HE\u200CAD", "objects/x", "refs/x"], ["HE\u200CAD"]],
    [["HEAD", "a/HEAD", "a/commondir", "b/objects/x", "b/refs/x"], ["a/HEAD"]],
    [["HEAD", "objects/x"], []],
    [["HEAD/x", "objects/x", "refs/x"], []],
    [["HEAD.py", "objects/x", "refs/x", "config"], []],
    [["a/HEAD", "objects/x", "refs/x"], []],
    [["objects/x", "refs/x", "config"], []],
    [[], []],
  ];
  for (const [paths, expected] of cases) {
    test(`finds ${JSON.stringify(expected)} in ${JSON.stringify(paths)}`, () => {
      expect([...bareRepositoryHeads(paths, "darwin")]).toEqual([...expected]);
    });
  }

  test("takes no other spelling for the same on Linux", () => {
    expect([...bareRepositoryHeads(["head", "objects/x", "refs/x"], "linux")]).toEqual([]);
    expect([...bareRepositoryHeads(["HEAD", "objects/x", "refs/x"], "linux")]).toEqual(["HEAD"]);
  });
});

describe("what Git takes for a repository", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fetchml-layout-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const layouts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "a HEAD beside objects and refs": {
      HEAD: "ref: refs/heads/x\n",
      "objects/x": "",
      "refs/x": "",
    },
    "a HEAD beside a commondir": {
      HEAD: "ref: refs/heads/x\n",
      commondir: "b\n",
      "b/objects/x": "",
      "b/refs/x": "",
    },
  };
  for (const [name, files] of Object.entries(layouts)) {
    needsSystem("git")(`bareRepositoryHeads() finds ${name}, and Git none without it`, () => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      const heads = [...bareRepositoryHeads(Object.keys(files), process.platform)];
      expect([heads, isRepository()]).toEqual([["HEAD"], true]);
      rmSync(join(folder, "HEAD"));
      expect(isRepository()).toBe(false);
    });
  }

  function isRepository(): boolean {
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      GIT_CEILING_DIRECTORIES: dirname(folder),
    };
    const asked = Bun.spawnSync(["git", "rev-parse", "--git-dir"], { cwd: folder, env });
    return asked.exitCode === 0;
  }
});
