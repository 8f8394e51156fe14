// Tests of what counts in a work tree inside a project: a submodule or a clone.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import type { FreezeOptions } from "./frozen-project.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet", "--initial-branch=main");
});
afterEach(() => at[Symbol.dispose]());

/** Makes a repository there that tracks files which its own rules or those around it name. */
function makeNested(folder: string): void {
  at.write(`${folder}/.gitignore`, "*.cfg\n");
  for (const path of ["lib/m.py", "data/d.json", "keep.cfg"]) at.write(`${folder}/${path}`);
  at.git("init", "--quiet", "--initial-branch=main", folder);
  commitIn(folder);
}

function commitIn(folder: string): void {
  at.git("-C", folder, "add", "--all", "--force", ".");
  at.git("-C", folder, "commit", "--quiet", "-m", "all");
}

/** Makes what stands there a submodule, whose `.git` is a file. */
function makeSubmodule(folder: string): void {
  const origin = join(at.home, folder.replaceAll("/", "-"));
  renameSync(join(at.root, folder), origin);
  const allowed = ["-c", "protocol.file.allow=always"];
  at.git(...allowed, "submodule", "--quiet", "add", "--force", origin, folder);
}

const NESTED = [".gitignore", "data/d.json", "keep.cfg", "lib/m.py"];

function inside(folder: string): readonly string[] {
  return NESTED.map((path) => `${folder}/${path}`);
}

/** The same with the cache as without, and with it once more. */
async function paths(options: Partial<FreezeOptions> = {}): Promise<readonly string[]> {
  const found = await at.frozenPaths(options);
  expect(found).toEqual(await at.frozenPaths({ ...options, cacheDir: null }));
  expect(await at.frozenPaths(options)).toEqual(found);
  return found;
}

async function isDirty(): Promise<boolean | null | undefined> {
  const { git } = await at.freeze();
  expect((await at.freeze({ cacheDir: null })).git).toEqual(git);
  expect((await at.freeze()).git).toEqual(git);
  expect(git?.dirty).toBe(at.git("status", "--porcelain") !== "");
  return git?.dirty;
}

describe("a submodule", () => {
  beforeEach(() => {
    makeNested("ext");
    makeSubmodule("ext");
    at.write(".gitignore", "lib/\ndata/\n");
  });

  test("is sent by its own index and rules, whatever the rules around it say", async () => {
    expect(await paths()).toEqual([".gitignore", ".gitmodules", ...inside("ext")]);
    expect(await paths()).toEqual(
      expect.arrayContaining(at.git("ls-files", "--recurse-submodules").trim().split("\n")),
    );
    at.write("ext/lib/new.py");
    at.write("ext/new.cfg");
    expect(await paths()).toEqual([
      ".gitignore",
      ".gitmodules",
      ...inside("ext"),
      "ext/lib/new.py",
    ]);
  });

  test("is sent though the rules around it name its folder, since it is tracked", async () => {
    at.write(".gitignore", "ext/\n*.py\n");
    expect(await paths()).toEqual([".gitignore", ".gitmodules", ...inside("ext")]);
    at.write(".gitignore", "/*\n");
    at.git("mv", "--force", "ext", "moved");
    expect(await paths()).toEqual([".gitmodules", ...inside("moved")]);
  });

  test("makes the project dirty when a tracked file in it changes that the rules around it name", async () => {
    at.git("add", "--all");
    at.git("commit", "--quiet", "-m", "all");
    expect(await isDirty()).toBe(false);
    at.write("ext/lib/m.py", "changed");
    expect(await isDirty()).toBe(true);
    commitIn("ext");
    expect(await isDirty()).toBe(true);
    at.git("commit", "--quiet", "--all", "-m", "all");
    expect(await isDirty()).toBe(false);
    at.write("ext/data/new.json");
    expect(await isDirty()).toBe(true);
    at.write("ext/.git-excluded");
    const exclude = at.git("-C", "ext", "rev-parse", "--git-path", "info/exclude").trim();
    at.write(exclude.slice(at.root.length + 1), "new.json\n.git-excluded\n");
    expect(await isDirty()).toBe(false);
  });

  test("is a folder like any other, as in Git, where its repository is gone", async () => {
    expect(await paths()).toContain("ext/lib/m.py");
    rmSync(join(at.root, ".git/modules"), { recursive: true });
    expect((await at.freeze()).warnings).toEqual([]);
    expect(await paths()).not.toContain("ext/keep.cfg");
    expect(await paths()).not.toContain("ext/lib/m.py");
    expect(await paths()).toContain("ext/.gitignore");
  });
});

describe("a clone inside a project", () => {
  test("is sent by its own index and rules, to any depth", async () => {
    makeNested("a");
    makeNested("a/data/b");
    makeNested("plain/c");
    at.write(".gitignore", "lib/\ndata/\n");
    const deep = [...inside("a"), ...inside("a/data/b")];
    expect(await paths()).toEqual([".gitignore", ...deep, ...inside("plain/c")].toSorted());
  });

  test("is left out where the rules around it name its folder", async () => {
    makeNested("third_party/c");
    makeNested("d");
    at.write(".gitignore", "third_party/\n/d\n");
    expect(await paths()).toEqual([".gitignore"]);
    makeNested("third_party/tracked");
    at.git("-c", "advice.addEmbeddedRepo=false", "add", "--force", "third_party/tracked");
    expect(await paths()).toEqual([".gitignore", ...inside("third_party/tracked")]);
  });

  test("is left out there but for what the repository around it tracks itself", async () => {
    at.write("third_party/c/x");
    at.write("third_party/c/y");
    at.git("add", "--force", "third_party/c/x");
    at.git("init", "--quiet", "third_party/c");
    at.write(".gitignore", "third_party/\n");
    expect(await paths()).toEqual([".gitignore", "third_party/c/x"]);
  });

  test("is sent so where no repository is around it", async () => {
    rmSync(join(at.root, ".git"), { recursive: true });
    makeNested("c");
    at.write(".gitignore", "lib/\ndata/\n");
    expect(await paths()).toEqual([".gitignore", ...inside("c")]);
    at.git("-C", "c", "rm", "--quiet", "--cached", "keep.cfg");
    expect(await paths()).not.toContain("c/keep.cfg");
    at.write("c/x.log");
    const env = {
      ...at.env,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "core.excludesFile",
      GIT_CONFIG_VALUE_0: "~/excludes",
    };
    at.write("../../excludes", "*.log\n");
    expect(await paths()).toContain("c/x.log");
    expect(await paths({ env })).not.toContain("c/x.log");
  });

  test("obeys the project's own rules and the user's", async () => {
    makeNested("c");
    at.write(".mlignore", "d.json\n");
    at.write("../../.config/git/ignore", "*.tmp\n");
    at.write("c/a.tmp");
    at.write("c/ml-outputs/train-1/x");
    const projectFile = { ignore: ["c/lib/"] };
    expect(await paths({ projectFile })).toEqual([".mlignore", "c/.gitignore", "c/keep.cfg"]);
    at.write("c/.mlignore", "!a.tmp\n");
    expect(await paths({ projectFile })).toContain("c/a.tmp");
  });

  test("is a folder like any other where its .git is no repository, until it is one", async () => {
    at.write(".gitignore", "lib/\n");
    at.write("c/lib/a.py");
    at.write("c/.git/x");
    expect(await paths()).toEqual([".gitignore"]);
    at.git("init", "--quiet", "c");
    expect(await paths()).toEqual([".gitignore", "c/lib/a.py"]);
  });

  const broken: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "leads nowhere": { ".git": "gitdir: /nowhere\n" },
    "has a HEAD alone": { ".git/HEAD": "ref: refs/heads/main\n" },
    "has a HEAD of no sense": { ".git/HEAD": "x\n", ".git/objects/x": "", ".git/refs/x": "" },
  };
  for (const [how, files] of Object.entries(broken)) {
    test(`is a folder like any other, as in Git, where its .git ${how}`, async () => {
      at.write(".gitignore", "lib/\n");
      at.write("c/lib/a.py");
      at.write("c/b.py");
      for (const [path, text] of Object.entries(files)) at.write(`c/${path}`, text);
      const sent = [".gitignore", "c/b.py"];
      expect([...(await paths())]).toEqual(sent);
      const listed = at.git("ls-files", "-co", "--exclude-standard").trim().split("\n");
      expect(listed).toEqual(sent);
      expect((await at.freeze()).warnings).toEqual([]);
    });
  }
});

describe("freezeProject() notices in a work tree inside a project", () => {
  beforeEach(() => {
    makeNested("c");
    at.write("c/lib/x.log");
    at.write(".gitignore", "lib/\n");
  });
  const kept = "c/keep.cfg";
  const log = "c/lib/x.log";

  test("that a file is tracked no longer, or again", async () => {
    expect(await paths()).toContain(kept);
    at.git("-C", "c", "rm", "--quiet", "--cached", "keep.cfg");
    expect(await paths()).not.toContain(kept);
    at.git("-C", "c", "add", "--force", "keep.cfg");
    expect(await paths()).toContain(kept);
  });

  const rules: readonly (readonly [file: string, setUp: () => void])[] = [
    ["c/.git/info/exclude", () => undefined],
    ["c/lib/.gitignore", () => undefined],
    ["../../.config/git/ignore", () => undefined],
    ["../../own", () => void at.git("-C", "c", "config", "core.excludesFile", "~/own")],
  ];
  for (const [file, setUp] of rules) {
    test(`rules in ${file}`, async () => {
      setUp();
      expect(await paths()).toContain(log);
      at.write(file, "*.log\n");
      expect(await paths()).not.toContain(log);
      at.write(file, "");
      expect(await paths()).toContain(log);
    });
  }

  test("settings, also in a file that they include and that is made later", async () => {
    at.write("../../own", "*.log\n");
    at.git("-C", "c", "config", "include.path", "more");
    expect(await paths()).toContain(log);
    at.write("c/.git/more", "[core]\nexcludesFile = ~/own\n");
    expect(await paths()).not.toContain(log);
    at.write("c/.git/more", "");
    at.git("-C", "c", "config", "core.ignoreCase", "true");
    at.write("c/.gitignore", "*.LOG\n");
    expect(await paths()).not.toContain(log);
    at.git("-C", "c", "config", "core.ignoreCase", "false");
    expect(await paths()).toContain(log);
  });

  test("that its .git, a file, names another repository", async () => {
    renameSync(join(at.root, "c/.git"), join(at.root, "../one"));
    at.git("init", "--quiet", "--bare", "../two");
    at.git("-C", "../two", "config", "core.bare", "false");
    at.write("c/.git", "gitdir: ../../one\n");
    expect(await paths()).toContain(kept);
    at.write("c/.git", "gitdir: ../../two\n");
    expect(await paths()).not.toContain(kept);
  });
});
