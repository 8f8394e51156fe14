// Tests that a project is not called clean for what `git status` does not show of it.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { chmodSync, rmSync } from "node:fs";
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
  commitAll();
});
afterEach(() => at[Symbol.dispose]());

function commitAll(): void {
  at.git("add", "--all");
  at.git("commit", "--quiet", "-m", "all");
}

/** Asked for twice, so that what is kept of the answer is seen too. */
async function isDirty(options = {}): Promise<boolean | null | undefined> {
  const dirty = (await at.freeze(options)).git?.dirty;
  expect((await at.freeze(options)).git?.dirty).toBe(dirty);
  return dirty;
}

describe("freezeProject() calls dirty", () => {
  for (const name of ["exp", "deep/er/exp"]) {
    test(`a folder ${name} of which nothing is committed`, async () => {
      at.write(`${name}/ml.toml`, "");
      at.write(`${name}/train.py`);
      const root = join(at.root, name);
      expect(await isDirty({ root })).toBe(true);
      commitAll();
      expect(await isDirty({ root })).toBe(false);
    });
  }

  test("a folder that the ignore rules above name", async () => {
    at.write(".gitignore", "/exp/\n");
    commitAll();
    at.write("exp/train.py");
    const root = join(at.root, "exp");
    expect(await isDirty({ root })).toBe(true);
    at.git("add", "--force", "exp");
    at.git("commit", "--quiet", "-m", "all the same");
    expect(await isDirty({ root })).toBe(false);
  });

  test("a file that .mlignore takes back from what Git ignores", async () => {
    at.write(".gitignore", "*.bin\n");
    at.write("src/model.bin");
    commitAll();
    expect(await isDirty()).toBe(false);
    at.write(".mlignore", "!model.bin\n");
    commitAll();
    expect(await isDirty()).toBe(true);
    at.git("add", "--force", "src/model.bin");
    at.git("commit", "--quiet", "-m", "all the same");
    expect(await isDirty()).toBe(false);
  });

  test("a clone inside that is no submodule, and the same taken back from what Git ignores", async () => {
    at.write("clone/x.py");
    at.git("init", "--quiet", "clone");
    at.git("-C", "clone", "add", "--all");
    at.git("-C", "clone", "commit", "--quiet", "-m", "all");
    expect(await isDirty()).toBe(true);
    at.write(".gitignore", "/clone/\n");
    commitAll();
    expect(await isDirty()).toBe(false);
    expect(await isDirty({ projectFile: { ignore: ["!/clone/"] } })).toBe(true);
  });
});

describe("freezeProject() goes by names as Git does", () => {
  test("where case does not matter", async () => {
    at.git("config", "core.ignoreCase", "true");
    at.git("mv", "--force", "a.py", "A.PY");
    at.git("commit", "--quiet", "-m", "renamed");
    rmSync(join(at.root, "A.PY"));
    at.write("a.py", "1");
    // On a disk that tells them apart the one counts as missing.
    expect(await isDirty()).toBe(true);
    at.git("update-index", "--skip-worktree", "A.PY");
    expect(await isDirty()).toBe(false);
  });
});

describe.each(["--skip-worktree", "--assume-unchanged"])("of a file under %s", (flag) => {
  test("freezeProject() does not know whether it is clean, unless it is dirty elsewhere", async () => {
    expect(await isDirty()).toBe(false);
    at.git("update-index", flag, "src/b.py");
    at.write("src/b.py", "changed");
    expect(await isDirty()).toBeNull();
    expect(await isDirty({ projectFile: { ignore: ["/src/"] } })).toBe(false);
    at.write("a.py", "changed");
    expect(await isDirty()).toBe(true);
    at.write("a.py", "1");
    at.git("update-index", flag.replace("--", "--no-"), "src/b.py");
    expect(await isDirty()).toBe(true);
  });

  test("freezeProject() knows the same in a work tree inside", async () => {
    at.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", at.root, "sub");
    commitAll();
    expect(await isDirty()).toBe(false);
    at.git("-C", "sub", "update-index", flag, "a.py");
    at.write("sub/a.py", "changed");
    expect(await isDirty()).toBeNull();
  });
});

test("freezeProject() does not miss what a sparse checkout leaves out, but a file that is to be taken for unchanged", async () => {
  at.git("update-index", "--skip-worktree", "src/b.py");
  rmSync(join(at.root, "src/b.py"));
  expect(await isDirty()).toBe(false);
  at.git("update-index", "--assume-unchanged", "a.py");
  rmSync(join(at.root, "a.py"));
  expect(await isDirty()).toBeNull();
});

test("freezeProject() does not know of a changed executable bit where Git is not to compare them", async () => {
  at.git("config", "core.fileMode", "false");
  expect(await isDirty()).toBe(false);
  chmodSync(join(at.root, "a.py"), 0o755);
  expect(await isDirty()).toBeNull();
  at.write("src/b.py", "changed");
  expect(await isDirty()).toBe(true);
});
