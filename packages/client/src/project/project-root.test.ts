// Tests of which folder is the project.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { foldersUpwards } from "./folders-upwards.ts";
import { findProjectRoot } from "./project-root.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

const hasOtherMount =
  statSync("/dev/shm", { throwIfNoEntry: false })?.dev !==
  statSync("/dev", { throwIfNoEntry: false })?.dev;

const find = (...parts: readonly string[]) => findProjectRoot(join(at.root, ...parts), at);

describe("findProjectRoot()", () => {
  test("is the folder of the nearest ml.toml, nearer or farther than the Git work tree", () => {
    at.write("ml.toml");
    at.write("a/.git/HEAD");
    at.write("a/b/c/file");
    expect(find("a", "b", "c")).toEqual({
      root: at.root,
      cwd: "a/b/c",
      mlToml: join(at.root, "ml.toml"),
    });
    at.write("a/b/ml.toml");
    expect(find("a", "b", "c")).toMatchObject({ root: join(at.root, "a", "b"), cwd: "c" });
  });

  test("is the Git work tree where no ml.toml is, also one whose .git is a file", () => {
    at.write(".git/HEAD");
    at.write("a/b/file");
    expect(find("a", "b")).toEqual({ root: at.root, cwd: "a/b", mlToml: null });
    at.write("a/.git", "gitdir: ../.git/worktrees/a\n");
    expect(find("a", "b").root).toBe(join(at.root, "a"));
  });

  test("is the folder itself where neither is, and an empty .git is none", () => {
    mkdirSync(join(at.root, ".git"));
    at.write("a/file");
    expect(find("a")).toEqual({ root: join(at.root, "a"), cwd: "", mlToml: null });
  });

  test("looks neither at the home folder nor above it", () => {
    writeFileSync(join(at.home, "ml.toml"), "");
    mkdirSync(join(at.home, ".git"));
    writeFileSync(join(at.home, ".git", "HEAD"), "");
    expect(find().root).toBe(at.root);
  });

  test("knows the home folder behind a link", () => {
    const link = `${at.home}-link`;
    symlinkSync(at.home, link);
    writeFileSync(join(at.home, "ml.toml"), "");
    try {
      expect(findProjectRoot(join(link, "work", "project"), { home: link }).root).toBe(at.root);
      expect(() => findProjectRoot(at.home, { home: link })).toThrow("it is your home folder");
    } finally {
      rmSync(link);
    }
  });

  test("refuses the home folder, what lies above it, and the root of the file system", () => {
    for (const folder of [at.home, dirname(at.home), "/"]) {
      const error = thrownBy(() => findProjectRoot(folder, at));
      expect(error.code).toBe("bad-project");
      expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
    }
  });

  test("says so when the folder is gone", () => {
    expect(thrownBy(() => find("gone")).message).toContain("the folder is gone");
  });

  test.skipIf(!hasOtherMount || process.getuid?.() !== 0)("stops at another mount", () => {
    const folder = mkdtempSync("/dev/shm/fetchml-root-");
    try {
      expect(foldersUpwards(folder, at)).toEqual([folder, "/dev/shm"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.skipIf(process.getuid?.() !== 0)("stops at a folder of somebody else", () => {
    const outer = mkdtempSync(join(tmpdir(), "fetchml-root-"));
    try {
      writeFileSync(join(outer, "ml.toml"), "");
      mkdirSync(join(outer, "mine"));
      expect(findProjectRoot(join(outer, "mine"), at).root).toBe(outer);
      chownSync(outer, 12_345, 12_345);
      expect(findProjectRoot(join(outer, "mine"), at).root).toBe(join(outer, "mine"));
      // Yet who stands in it means it.
      expect(findProjectRoot(outer, at).mlToml).toBe(join(outer, "ml.toml"));
    } finally {
      rmSync(outer, { recursive: true });
    }
  });
});

function thrownBy(work: () => unknown): FetchmlError {
  try {
    work();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
  }
  throw new Error("no FetchmlError");
}
