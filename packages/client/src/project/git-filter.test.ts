// Tests of what a repository may not do with the person who sends it: its filters do not run.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet", "--initial-branch=main");
});
afterEach(() => at[Symbol.dispose]());

const ranMarker = () => join(at.home, "filter-has-run");

/** Commits a notebook through a filter that takes away its digits. */
function commitFiltered(scope: "--local" | "--global"): void {
  const clean = `sh -c 'touch ${ranMarker()}; tr -d 0-9'`;
  at.git("config", scope, "filter.strip.clean", clean);
  at.git("config", scope, "filter.strip.required", "true");
  at.write(".gitattributes", "*.ipynb filter=strip\n");
  at.write("a.ipynb", "text 1\n");
  at.write("b.py", "code");
  // Git believes the times of a file that is surely older than its index.
  utimesSync(join(at.root, "a.ipynb"), 1, 1);
  at.git("add", "--all");
  at.git("commit", "--quiet", "-m", "first");
}

async function isDirty(): Promise<boolean | null | undefined> {
  return (await at.freeze()).git?.dirty;
}

function forget(): void {
  Bun.spawnSync(["rm", "-f", ranMarker()]);
}

describe("a filter of the repository's own", () => {
  test("does not run, so that a filtered file may be clean or not", async () => {
    commitFiltered("--local");
    forget();
    expect(await isDirty()).toBe(false);
    at.write("a.ipynb", "text 2\n");
    expect(await isDirty()).toBeNull();
    expect(await isDirty()).toBeNull();
    at.write("b.py", "changed");
    expect(await isDirty()).toBe(true);
    expect(existsSync(ranMarker())).toBe(false);
  });

  test("does not run even with a name that cannot be switched off", async () => {
    commitFiltered("--local");
    at.git("config", "filter.a=b.clean", `touch ${ranMarker()}`);
    at.write(".gitattributes", "*.ipynb filter=a=b\n");
    forget();
    at.write("a.ipynb", "text 2\n");
    expect(await isDirty()).toBeNull();
    expect(existsSync(ranMarker())).toBe(false);
  });

  test("does not run in a submodule", async () => {
    addSubmodule();
    const sub = join(at.root, "vendor/lib");
    at.git("-C", sub, "config", "filter.evil.clean", `sh -c 'touch ${ranMarker()}; cat'`);
    at.write("vendor/lib/.gitattributes", "* filter=evil\n");
    utimesSync(join(sub, "lib.py"), 1, 1);
    expect(await isDirty()).toBe(true);
    expect(existsSync(ranMarker())).toBe(false);
  });
});

test("a filter that the person has set up for all repositories runs as Git would run it", async () => {
  commitFiltered("--global");
  at.write("a.ipynb", "text 2\n");
  expect(await isDirty()).toBe(false);
  at.write("a.ipynb", "other 2\n");
  expect(await isDirty()).toBe(true);
});

test("a filter that the person has set up does not run the repository's own extension of git-lfs", async () => {
  // As git-lfs does it: what the settings name as an extension runs within the filter.
  const runsExtension = "sh -c '$(git config lfs.extension.evil.clean)'";
  at.git("config", "--global", "filter.lfs.clean", runsExtension);
  at.write(".gitattributes", "*.bin filter=lfs\n");
  at.write("a.bin", "1");
  at.git("add", "--all");
  at.git("commit", "--quiet", "-m", "first");
  at.git("config", "--global", "lfs.extension.evil.clean", `touch ${ranMarker()}`);
  at.write("a.bin", "2");
  await isDirty();
  // So that the test can fail.
  expect(existsSync(ranMarker())).toBe(true);
  forget();
  at.git("config", "--global", "--unset", "lfs.extension.evil.clean");
  at.git("config", "include.path", "more");
  at.write(".git/more", `[lfs "extension.evil"]\nclean = touch ${ranMarker()}\n`);
  at.write("a.bin", "3");
  expect(await isDirty()).toBeNull();
  expect(existsSync(ranMarker())).toBe(false);
});

test("a file system monitor of the repository's own does not run", async () => {
  at.write("a");
  at.git("config", "core.fsmonitor", `touch ${ranMarker()}`);
  expect(await isDirty()).toBe(true);
  expect(existsSync(ranMarker())).toBe(false);
});

function addSubmodule(): void {
  at.write("../lib/lib.py", "library\n");
  const lib = join(at.root, "..", "lib");
  at.git("-C", lib, "init", "--quiet");
  at.git("-C", lib, "add", "--all");
  at.git("-C", lib, "commit", "--quiet", "-m", "library");
  at.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", lib, "vendor/lib");
  at.git("add", "--all");
  at.git("commit", "--quiet", "-m", "with a submodule");
}

test("a submodule counts by its files and by the commit that is checked out in it", async () => {
  addSubmodule();
  expect(await isDirty()).toBe(false);
  expect(await isDirty()).toBe(false);
  const sub = join(at.root, "vendor/lib");
  at.write("vendor/lib/lib.py", "changed\n");
  expect(await isDirty()).toBe(true);
  at.git("-C", sub, "commit", "--quiet", "--all", "-m", "changed");
  expect(await isDirty()).toBe(true);
  at.git("commit", "--quiet", "--all", "-m", "newer library");
  expect(await isDirty()).toBe(false);
  at.git("-C", sub, "reset", "--quiet", "--soft", "HEAD~1");
  expect(await isDirty()).toBe(true);
});
