// Tests of what a person is told when a project holds less than they may think.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import type { FreezeOptions } from "./frozen-project.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

/** The same each time, whatever is remembered. */
async function warnings(options: Partial<FreezeOptions> = {}): Promise<readonly string[]> {
  const first = (await at.freeze(options)).warnings;
  for (const again of [{}, {}, { cacheDir: null }]) {
    expect((await at.freeze({ ...options, ...again })).warnings).toEqual(first);
  }
  return first;
}

const ALL_OUT = "No file is sent: the ignore rules leave out all.";

describe("a project of which rules leave out every file", () => {
  test.each([".gitignore", ".mlignore"])("by %s says so each time", async (file) => {
    at.write("a.py");
    at.write("d/b.py");
    at.write(file, "*\n");
    expect(await warnings()).toEqual([ALL_OUT]);
    at.write(file, "*.py\n");
    expect(await warnings()).toEqual([]);
  });

  test("by ml.toml says so", async () => {
    at.write("a.py");
    expect(await warnings({ projectFile: { ignore: ["*"] } })).toEqual([ALL_OUT]);
  });

  test("says nothing where there is none", async () => {
    expect(await warnings()).toEqual([]);
  });
});

describe("where Git cannot be asked, it is said what to do", () => {
  needsSystem("git")("about the repository of the project", async () => {
    at.write(".git", "gitdir: /nowhere\n");
    at.write("a.py");
    expect(await warnings()).toEqual([
      'Git could not be asked about this repository; files that it tracks although they are ignored are left out. Run "git status" here to see why.',
    ]);
  });

  needsSystem("git")("about repositories inside", async () => {
    for (const folder of ["a", "b", "c"]) {
      at.git("init", "--quiet", folder);
      at.write(`${folder}/x`);
    }
    for (const folder of ["b", "c"]) at.write(`${folder}/.git/config`, "[");
    expect(await warnings()).toEqual([
      'Git could not be asked about the repository in "b" and 1 more; files that it tracks although they are ignored are left out. Run "git status" there to see why.',
    ]);
  });
});
