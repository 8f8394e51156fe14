// Tests of where a project stands in Git: it is told truly, and Git is not run where that can be known without.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet", "--initial-branch=main");
  at.write("a.py", "1");
  at.write("src/b.py", "2");
  commit("first");
});
afterEach(() => at[Symbol.dispose]());

function commit(message: string): string {
  at.git("add", "--all");
  at.git("commit", "--quiet", "--allow-empty", "-m", message);
  return headCommit();
}

function headCommit(): string {
  return at.git("rev-parse", "HEAD").trim();
}

async function state(options = {}) {
  return (await at.freeze(options)).git;
}

async function isDirty(options = {}): Promise<boolean | null | undefined> {
  return (await state(options))?.dirty;
}

describe("freezeProject() tells of Git", () => {
  test("the commit and the branch, packed or not, and a detached HEAD", async () => {
    const first = headCommit();
    expect(await state()).toEqual({ commit: first, branch: "main", dirty: false });
    at.git("checkout", "--quiet", "-b", "feature/x");
    expect(await state()).toEqual({ commit: first, branch: "feature/x", dirty: false });
    at.git("pack-refs", "--all", "--prune");
    expect(await state()).toEqual({ commit: first, branch: "feature/x", dirty: false });
    const second = commit("second");
    expect(await state()).toEqual({ commit: second, branch: "feature/x", dirty: false });
    at.git("checkout", "--quiet", first);
    expect(await state()).toEqual({ commit: first, branch: null, dirty: false });
  });

  test("nothing outside a work tree, and no commit before the first", async () => {
    rmSync(join(at.root, ".git"), { recursive: true });
    expect(await state()).toBeNull();
    at.git("init", "--quiet", "--initial-branch=main");
    expect(await state()).toEqual({ commit: null, branch: "main", dirty: true });
    expect(await state()).toEqual({ commit: null, branch: "main", dirty: true });
  });

  test("of a linked work tree its own commit and branch", async () => {
    at.git("worktree", "add", "--quiet", "-b", "side", "../side");
    const root = join(at.root, "..", "side");
    const first = headCommit();
    commit("second");
    expect(await state({ root })).toEqual({ commit: first, branch: "side", dirty: false });
  });

  const changes: Readonly<Record<string, () => void>> = {
    "another content": () => at.write("a.py", "changed"),
    "a new file": () => at.write("new.py"),
    "a new file in a new folder": () => at.write("new/deep/er.py"),
    "a file that went": () => rmSync(join(at.root, "a.py")),
    "a folder that went": () => rmSync(join(at.root, "src"), { recursive: true }),
    "an executable bit": () => chmodSync(join(at.root, "a.py"), 0o755),
    "a change that is staged": () => {
      at.write("a.py", "changed");
      at.git("add", "a.py");
    },
    "a file that is no longer tracked": () => void at.git("rm", "--quiet", "--cached", "a.py"),
    "another commit beneath the same files": () => {
      at.write("a.py", "3");
      commit("second");
      at.git("reset", "--quiet", "--soft", "HEAD~1");
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    test(`that it is dirty with ${name}, and clean once that is committed`, async () => {
      expect(await isDirty()).toBe(false);
      change();
      expect(await isDirty()).toBe(true);
      expect(await isDirty()).toBe(true);
      commit("second");
      expect(await isDirty()).toBe(false);
      expect(await isDirty()).toBe(false);
    });
  }

  test("that it is dirty after a step back to the commit before, which leaves files and index alone", async () => {
    at.write("a.py", "changed");
    const second = commit("second");
    expect(await isDirty()).toBe(false);
    at.git("reset", "--quiet", "--soft", "HEAD~1");
    expect(await isDirty()).toBe(true);
    at.git("reset", "--quiet", "--soft", second);
    expect(await isDirty()).toBe(false);
  });

  test("that a change which was taken back is none", async () => {
    at.write("a.py", "changed");
    expect(await isDirty()).toBe(true);
    at.write("a.py", "1");
    expect(await isDirty()).toBe(false);
  });

  test("a new file also where the settings hide new files", async () => {
    at.git("config", "status.showUntrackedFiles", "no");
    expect(await isDirty()).toBe(false);
    at.write("new.py");
    expect(await isDirty()).toBe(true);
  });

  test("of a folder in a larger work tree only what is in that folder", async () => {
    const root = join(at.root, "src");
    at.write("a.py", "changed");
    expect(await isDirty({ root })).toBe(false);
    at.write("src/b.py", "changed");
    expect(await isDirty({ root })).toBe(true);
  });

  test("no change of what is ignored, by Git or by FetchML's own rules", async () => {
    at.write(".gitignore", "*.log\n");
    at.write(".mlignore", "/data/\n*.csv\n!keep.csv\n");
    for (const path of ["data/x", "y.csv", "keep.csv", "src/z.csv"]) at.write(path);
    commit("second");
    at.write("a.log");
    at.write("data/new");
    at.write("data/x", "changed");
    rmSync(join(at.root, "y.csv"));
    rmSync(join(at.root, "src/z.csv"));
    expect(await isDirty()).toBe(false);
    rmSync(join(at.root, "data"), { recursive: true });
    expect(await isDirty()).toBe(false);
    rmSync(join(at.root, "keep.csv"));
    expect(await isDirty()).toBe(true);
    expect(await isDirty({ projectFile: { ignore: ["/src/"] } })).toBe(true);
    at.git("checkout", "--quiet", "keep.csv");
    rmSync(join(at.root, "a.py"));
    expect(await isDirty({ projectFile: { ignore: ["a.py"] } })).toBe(false);
  });

  test("in a project with awkward names", async () => {
    const names = [
      "sp ace.py",
      "tab.py",
      "ünï.py",
      '"quoted".py',
      " lead.py",
      "? x",
      "1 .M N... y",
    ];
    for (const name of names) {
      expect(await isDirty()).toBe(false);
      at.write(`dir ${name}/${name}`);
      expect(await isDirty()).toBe(true);
      commit(name);
      at.write(`dir ${name}/${name}`, "changed");
      expect(await isDirty()).toBe(true);
      commit(name);
    }
  });
});

describe("freezeProject() asks Git", () => {
  const marker = () => join(at.home, "git-has-run");
  /** A `git` that leaves a trace and fails. */
  const withoutGit = () => {
    at.write("../../bin/git", `#!/bin/sh\necho "$@" >> ${marker()}\nexit 1\n`, 0o755);
    return { ...at.env, PATH: join(at.home, "bin") };
  };

  test("not at all about a project that has not changed, nor for another branch at the same commit", async () => {
    const before = await state();
    at.git("branch", "other");
    const env = withoutGit();
    expect(await state({ env })).toEqual(before);
    at.write(".git/HEAD", "ref: refs/heads/other\n");
    expect(await state({ env })).toEqual({ commit: headCommit(), branch: "other", dirty: false });
    expect(existsSync(marker())).toBe(false);
    // So that the test can fail.
    at.write("a.py", "changed");
    await state({ env });
    expect(existsSync(marker())).toBe(true);
  });

  test("once when another commit was checked out beneath the same files", async () => {
    await state();
    at.git("commit", "--quiet", "--allow-empty", "-m", "empty");
    expect(await isDirty()).toBe(false);
    expect(await state({ env: withoutGit() })).toEqual({
      commit: headCommit(),
      branch: "main",
      dirty: false,
    });
    expect(existsSync(marker())).toBe(false);
  });

  test("in vain where it is not installed, and says that it does not know", async () => {
    const frozen = await at.freeze({ env: { ...at.env, PATH: join(at.home, "nowhere") } });
    expect(frozen.git).toEqual({ commit: headCommit(), branch: "main", dirty: null });
    expect(frozen.warnings).toHaveLength(1);
  });
});
