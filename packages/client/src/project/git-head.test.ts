// Tests of reading what is checked out from Git's own files.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gitFolderAt } from "./git-folder.ts";
import { readGitHead } from "./git-head.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

function head() {
  const git = gitFolderAt(at.root);
  if (git === null) throw new Error("no work tree");
  return readGitHead(git);
}

describe("readGitHead()", () => {
  test("reads a detached commit, of either length", () => {
    for (const commit of [COMMIT, "a".repeat(64)]) {
      at.write(".git/HEAD", `${commit}\n`);
      expect(head()).toEqual({ commit, branch: null });
    }
  });

  test("reads a branch from its own file before packed-refs, and only a whole name", () => {
    at.write(".git/HEAD", "ref: refs/heads/a/b\n");
    expect(head()).toEqual({ commit: null, branch: "a/b" });
    const other = "f".repeat(40);
    at.write(
      ".git/packed-refs",
      `# pack-refs with: peeled\n${other} refs/heads/a/b2\n${other} refs/remotes/x/refs/heads/a/b\n${COMMIT} refs/heads/a/b\n^${other}\n`,
    );
    expect(head()).toEqual({ commit: COMMIT, branch: "a/b" });
    at.write(".git/refs/heads/a/b", `${other}\n`);
    expect(head()).toEqual({ commit: other, branch: "a/b" });
  });

  test("says that it does not know where HEAD is a link or names what is no branch", () => {
    at.write(".git/refs/remotes/origin/main", COMMIT);
    at.write(".git/HEAD", "ref: refs/remotes/origin/main\n");
    expect(head()).toBeNull();
    at.write(".git/refs/heads/main", COMMIT);
    at.write(".git/HEAD", "ref: refs/heads/main\n");
    expect(head()).toEqual({ commit: COMMIT, branch: "main" });
    renameSync(join(at.root, ".git/HEAD"), join(at.root, ".git/HEAD-IS-HERE"));
    symlinkSync("HEAD-IS-HERE", join(at.root, ".git/HEAD"));
    expect(head()).toBeNull();
    rmSync(join(at.root, ".git/HEAD"));
    symlinkSync("refs/heads/main", join(at.root, ".git/HEAD"));
    expect(head()).toBeNull();
  });

  test("says that it does not know, and reads nothing outside and waits for nothing", () => {
    const odd = ["ref: refs/heads/.invalid", "ref: refs/../../../secret", "nonsense", ""];
    at.write("../secret", COMMIT);
    for (const text of odd) {
      at.write(".git/HEAD", `${text}\n`);
      expect([text, head()]).toEqual([text, null]);
    }
    at.write(".git/HEAD", "ref: refs/heads/main\n");
    at.write(".git/refs/heads/main", "ref: refs/heads/other\n");
    expect(head()).toBeNull();
    rmSync(join(at.root, ".git/refs/heads/main"));
    Bun.spawnSync(["mkfifo", join(at.root, ".git/refs/heads/main")]);
    expect(head()).toEqual({ commit: null, branch: "main" });
  });
});
