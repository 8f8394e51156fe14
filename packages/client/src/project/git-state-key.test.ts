// Tests that what is remembered of Git's answers is not believed once its settings or attributes may say otherwise.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import type { FreezeOptions } from "./frozen-project.ts";
import { gitStateKey } from "./git-state-key.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet", "--initial-branch=main");
  at.write("a.py", "text 1\n");
  at.write("src/b.py", "text 1\n");
});
afterEach(() => at[Symbol.dispose]());

/** What a freeze finds; the same with the cache as without, and with it once more. */
async function outcome(options: Partial<FreezeOptions> = {}) {
  const look = async (more: Partial<FreezeOptions>) => {
    const frozen = await at.freeze({ ...options, ...more });
    const { entries } = frozen.content().manifest;
    return { paths: entries.map(({ path }) => path), git: frozen.git };
  };
  const cached = await look({});
  expect(cached).toEqual(await look({ cacheDir: null }));
  expect(await look({})).toEqual(cached);
  return cached;
}

async function isDirty(options: Partial<FreezeOptions> = {}): Promise<boolean | null | undefined> {
  return (await outcome(options)).git?.dirty;
}

function commitAll(): void {
  at.git("add", "--all");
  at.git("commit", "--quiet", "-m", "all");
}

describe("freezeProject() goes on", () => {
  test("when Git's folder has become a file", async () => {
    commitAll();
    const before = await outcome();
    at.git("init", "--quiet", "--separate-git-dir", join(at.home, "elsewhere"));
    expect(await outcome()).toEqual(before);
  });

  test("when the home folder is none", async () => {
    commitAll();
    const before = await outcome();
    const env = { ...at.env, HOME: "/dev/null", GIT_CONFIG_GLOBAL: "/dev/null/x" };
    expect(await outcome({ env, home: "/dev/null" })).toEqual(before);
  });
});

describe("freezeProject() sees settings", () => {
  beforeEach(() => {
    at.write("../../excludes", "a.py\n");
    at.write("../../settings", `[core]\nexcludesFile = ~/excludes\n`);
  });

  async function expectSeen(change: () => void): Promise<void> {
    expect((await outcome()).paths).toEqual(["a.py", "src/b.py"]);
    change();
    expect((await outcome()).paths).toEqual(["src/b.py"]);
  }

  test("in the environment, and keeps no value of them", async () => {
    const env = (value: string) => ({
      ...at.env,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "core.excludesFile",
      GIT_CONFIG_VALUE_0: value,
    });
    expect((await outcome()).paths).toEqual(["a.py", "src/b.py"]);
    expect((await outcome({ env: env("~/excludes") })).paths).toEqual(["src/b.py"]);
    expect((await outcome({ env: env("~/nowhere") })).paths).toEqual(["a.py", "src/b.py"]);
    const gitDir = join(at.root, ".git");
    const git = { top: at.root, gitDir, commonDir: gitDir };
    const key = gitStateKey(git, { env: env("password"), configFiles: [] });
    expect(key).not.toContain("password");
    expect(key).not.toBe(gitStateKey(git, { env: env("other"), configFiles: [] }));
  });

  test("in a file that the environment names and that is made later", async () => {
    const env = { ...at.env, GIT_CONFIG_GLOBAL: join(at.home, "late") };
    expect((await outcome({ env })).paths).toEqual(["a.py", "src/b.py"]);
    at.write("../../late", "[core]\nexcludesFile = ~/excludes\n");
    expect((await outcome({ env })).paths).toEqual(["src/b.py"]);
  });

  for (const path of ["late", "~/late", "~/deep/late"]) {
    test(`in an included file ${path} that is made later`, async () => {
      at.git("config", "include.path", path);
      const target = path.startsWith("~/") ? `../../${path.slice(2)}` : ".git/late";
      await expectSeen(() => at.write(target, "[include]\npath = ~/settings\n"));
    });
  }

  test("in a file included under a condition that is made later", async () => {
    at.git("config", "--global", `includeIf.gitdir:${at.root}/.path`, "late");
    await expectSeen(() => at.write("../../late", "[include]\npath = settings\n"));
  });

  test("in a file that is included on one branch alone", async () => {
    commitAll();
    at.git("rm", "--quiet", "--cached", "a.py");
    at.git("commit", "--quiet", "-m", "without");
    at.git("config", "includeIf.onbranch:side.path", "~/settings");
    await expectSeen(() => at.git("symbolic-ref", "HEAD", "refs/heads/side"));
  });
});

describe("freezeProject() sees that a file is dirty once its attributes change", () => {
  /** Commits a file as its filter leaves it, and changes what the filter takes away. */
  function commitFiltered(file: string, folder = at.root): void {
    at.git("config", "--global", "filter.strip.clean", "tr -d 0-9");
    at.git("-C", folder, "add", "--all");
    at.git("-C", folder, "commit", "--quiet", "-m", "all");
    at.write(file, "text 2\n");
  }

  for (const path of [".git/info/attributes", "../../.config/git/attributes", "../../attributes"]) {
    test(`in ${path}`, async () => {
      at.git("config", "--global", "core.attributesFile", "~/attributes");
      if (path.includes(".config")) at.git("config", "--global", "--unset", "core.attributesFile");
      at.write(path, "a.py filter=strip\n");
      commitFiltered("a.py");
      expect(await isDirty()).toBe(false);
      rmSync(join(at.root, path));
      expect(await isDirty()).toBe(true);
      at.write(path, "a.py filter=strip\n");
      expect(await isDirty()).toBe(false);
    });
  }

  for (const path of [".gitattributes", "src/.gitattributes"]) {
    test(`in ${path}, of a project in a folder of the work tree`, async () => {
      const options = { root: join(at.root, "src"), projectFile: { ignore: [".gitattributes"] } };
      at.write(path, "b.py filter=strip\n");
      commitFiltered("src/b.py");
      expect(await isDirty(options)).toBe(false);
      at.write(path, "b.py filter=other\n");
      expect(await isDirty(options)).toBe(true);
    });
  }

  test("in a file of a work tree further down that is not sent", async () => {
    const lib = join(at.root, "lib");
    const options = { projectFile: { ignore: [".gitattributes"] } };
    at.write("lib/c.py", "text 1\n");
    at.write("lib/.gitattributes", "c.py filter=strip\n");
    at.git("-C", lib, "init", "--quiet");
    commitFiltered("lib/c.py", lib);
    at.git("-c", "advice.addEmbeddedRepo=false", "add", "--all");
    at.git("commit", "--quiet", "-m", "all");
    expect(await isDirty(options)).toBe(false);
    at.write("lib/.gitattributes", "c.py filter=other\n");
    expect(await isDirty(options)).toBe(true);
  });

  test("in a work tree further down, and sees what that excludes", async () => {
    const lib = join(at.root, "lib");
    at.write("lib/c.py", "text 1\n");
    at.write("lib/d.py");
    at.git("-C", lib, "init", "--quiet");
    at.write("lib/.git/info/attributes", "c.py filter=strip\n");
    at.write("lib/.git/info/exclude", "d.py\n");
    commitFiltered("lib/c.py", lib);
    at.git("-c", "advice.addEmbeddedRepo=false", "add", "--all");
    at.git("commit", "--quiet", "-m", "all");
    expect(await isDirty()).toBe(false);
    at.write("lib/.git/info/attributes", "");
    expect(await isDirty()).toBe(true);
    at.write("lib/.git/info/attributes", "c.py filter=strip\n");
    expect(await isDirty()).toBe(false);
    at.write("lib/.git/info/exclude", "");
    expect(await isDirty()).toBe(true);
  });
});

describe("freezeProject() sees what a work tree further down excludes once that changes", () => {
  const included = "lib/.git/more";
  const excludes = "../../lib-excludes";
  const setting = "[core]\nexcludesFile = ~/lib-excludes\n";

  beforeEach(() => {
    const lib = join(at.root, "lib");
    at.write("lib/c.py");
    at.git("-C", lib, "init", "--quiet");
    at.git("-C", lib, "add", "--all");
    at.git("-C", lib, "commit", "--quiet", "-m", "all");
    at.git("-C", lib, "config", "include.path", "more");
    at.git("-c", "advice.addEmbeddedRepo=false", "add", "--all");
    at.git("commit", "--quiet", "-m", "all");
    at.write("lib/d.py");
    at.write(excludes, "d.py\n");
  });

  test("in a file that its settings include and that is made later", async () => {
    expect(await isDirty()).toBe(true);
    at.write(included, setting);
    expect(await isDirty()).toBe(false);
    at.write(included, setting.replace("lib-", "no-"));
    expect(await isDirty()).toBe(true);
    at.write(included, setting);
    expect(await isDirty()).toBe(false);
    rmSync(join(at.root, included));
    expect(await isDirty()).toBe(true);
  });

  test("in a file that is included by an included one", async () => {
    at.write(included, "[include]\npath = ~/further\n");
    at.write("../../further", setting);
    expect(await isDirty()).toBe(false);
    rmSync(join(at.home, "further"));
    expect(await isDirty()).toBe(true);
  });

  test("in a file that is included on a condition", async () => {
    at.git("-C", join(at.root, "lib"), "config", "includeIf.gitdir:**/lib/.git.path", "~/late");
    expect(await isDirty()).toBe(true);
    at.write("../../late", setting);
    expect(await isDirty()).toBe(false);
  });

  test("in the file of ignore rules that its settings name", async () => {
    at.write(included, setting);
    expect(await isDirty()).toBe(false);
    at.write(excludes, "");
    expect(await isDirty()).toBe(true);
  });
});
