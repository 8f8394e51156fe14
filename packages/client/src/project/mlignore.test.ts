// Tests of FetchML's own ignore rules beside Git's.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

describe(".mlignore and [project] ignore", () => {
  test("leave out what Git keeps, nested files included", async () => {
    at.write(".mlignore", "*.csv\n/data/\n");
    at.write("sub/.mlignore", "!keep.csv\nlocal\n");
    for (const path of ["a.csv", "data/x", "sub/keep.csv", "sub/local", "local", "sub/data/y"]) {
      at.write(path);
    }
    const kept = [".mlignore", "local", "sub/.mlignore", "sub/data/y", "sub/keep.csv"];
    expect(await at.frozenPaths()).toEqual(kept);
    const projectFile = { ignore: [".mlignore", "sub/*", "!sub/data/"] };
    // A nested file is nearer to the name and so has the last word.
    expect(await at.frozenPaths({ projectFile })).toEqual(["local", "sub/data/y", "sub/keep.csv"]);
  });

  test("take back with ! what Git ignores", async () => {
    at.write(".gitignore", "*.bin\n/out/\n");
    for (const path of ["a.bin", "model.bin", "out/x", "out/y.bin"]) at.write(path);
    at.write(".mlignore", "!model.bin\n!/out/\n");
    expect(await at.frozenPaths()).toEqual([".gitignore", ".mlignore", "model.bin", "out/x"]);
  });

  test("hold without Git, as do .gitignore and the user's own excludes", async () => {
    at.write(".gitignore", "*.log\n");
    at.write("../../.config/git/ignore", ".DS_Store\n");
    for (const path of ["a.log", "b", ".DS_Store", "sub/.DS_Store"]) at.write(path);
    expect(await at.frozenPaths()).toEqual([".gitignore", "b"]);
  });

  test("leave out what Git tracks", async () => {
    at.git("init", "--quiet");
    at.write("big.bin");
    at.git("add", "big.bin");
    at.write(".mlignore", "*.bin\n");
    expect(await at.frozenPaths()).toEqual([".mlignore"]);
  });
});
