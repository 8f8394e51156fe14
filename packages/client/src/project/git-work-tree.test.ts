// Tests of a repository of which the settings name another work tree or none: what lies there counts as its files.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet", "--initial-branch=main");
  at.write("../elsewhere/.gitignore", "nothing\n");
});
afterEach(() => at[Symbol.dispose]());

/** Makes a repository that tracks a file which its rules name. */
function makeRepository(folder: string): void {
  at.write(`${folder}/.gitignore`, "*.cfg\n");
  at.write(`${folder}/keep.cfg`);
  at.write(`${folder}/src/keep.cfg`);
  at.git("init", "--quiet", folder);
  at.git("-C", folder, "add", "--all", "--force", ".");
  at.git("-C", folder, "commit", "--quiet", "-m", "all");
}

const TRACKED = [".gitignore", "keep.cfg", "src/keep.cfg"];

const settings: readonly (readonly [name: string, value: string])[] = [
  ["core.worktree", "../../../elsewhere"],
  ["core.worktree", "/nowhere/at/all"],
  ["core.bare", "true"],
];

describe.each(settings)("a repository with %s = %s", (name, value) => {
  test("is sent with what it tracks though its rules name it, and is dirty or not by what lies in it", async () => {
    makeRepository(".");
    at.git("config", name, value);
    expect(await at.frozenPaths()).toEqual(TRACKED);
    expect(await at.freeze()).toMatchObject({ warnings: [], git: { dirty: false } });
    at.write("keep.cfg", "changed");
    expect((await at.freeze()).git?.dirty).toBe(true);
    const src = join(at.root, "src");
    expect(await at.frozenPaths({ root: src })).toEqual(["keep.cfg"]);
    expect((await at.freeze({ root: src })).git?.dirty).toBe(false);
  });

  test("is sent so where it lies in a project", async () => {
    makeRepository("sub");
    at.git("-c", "advice.addEmbeddedRepo=false", "add", "--all");
    at.git("commit", "--quiet", "-m", "with sub");
    at.git("-C", "sub", "config", name, value);
    expect(await at.frozenPaths()).toEqual(TRACKED.map((path) => `sub/${path}`));
    expect(await at.freeze()).toMatchObject({ warnings: [], git: { dirty: false } });
    at.write("sub/keep.cfg", "changed");
    expect((await at.freeze()).git?.dirty).toBe(true);
  });
});

test("a folder beside whose work trees a bare repository lies is no work tree: whether it is dirty is not known", async () => {
  makeRepository("../origin");
  at.git("clone", "--quiet", "--bare", "../origin", ".bare");
  rmSync(join(at.root, ".git"), { recursive: true });
  at.write(".git", "gitdir: ./.bare\n");
  at.git("worktree", "add", "--quiet", "main");
  const { git, warnings } = await at.freeze();
  expect(git?.dirty).toBeNull();
  expect(warnings).toEqual([
    expect.stringContaining("Git could not be asked about this repository"),
  ]);
  const tree = await at.freeze({ root: join(at.root, "main") });
  expect(tree).toMatchObject({ warnings: [], git: { dirty: false } });
  expect(tree.content().manifest.entries.map(({ path }) => path)).toEqual(TRACKED);
});

test("a file of settings that is included by a relative way is watched where it lies", async () => {
  makeRepository("sub");
  at.write("../own", "*.log\n");
  at.write("sub/a.log");
  at.git("-C", "sub", "config", "include.path", "more");
  expect(await at.frozenPaths()).toContain("sub/a.log");
  at.write("sub/.git/more", `[core]\nexcludesFile = ${join(at.root, "../own")}\n`);
  expect(await at.frozenPaths()).not.toContain("sub/a.log");
});

test("a root of which .git is no repository has no part in what the repository around tracks elsewhere", async () => {
  makeRepository("../outer");
  const root = join(at.home, "work/outer/inner");
  renameSync(at.root, root);
  at.write("../outer/inner/.git/HEAD", "x\n");
  at.write("../outer/inner/.gitignore", "*.cfg\n");
  at.write("../outer/inner/keep.cfg");
  expect(await at.frozenPaths({ root })).toEqual([".gitignore"]);
});
