// Tests of reading a project that is only to be compared.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { freezeComparable } from "./freeze-comparable.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

const comparable = (how = {}, more = {}) =>
  freezeComparable({ ...at, projectFile: null, ...more }, how);

describe("freezeComparable()", () => {
  test("names the same snapshot as freezeProject() where all of it may be sent", async () => {
    at.write("a.py");
    at.write("b/run", "#!/bin/sh\n", 0o755);
    symlinkSync("a.py", join(at.root, "link"));
    const { snapshot } = await at.freeze();
    expect(await comparable()).toMatchObject({ snapshot, leftOut: [] });
  });

  test("leaves out what has no content, by name, and compares links that lead out", async () => {
    at.write("a.py");
    symlinkSync("/data", join(at.root, "data"));
    Bun.spawnSync(["mkfifo", join(at.root, "pipe")]);
    const here = await comparable();
    expect(here.leftOut.map(({ path }) => path)).toEqual(["pipe"]);
    expect(here.content().manifest.entries.map(({ path }) => path)).toEqual(["a.py", "data"]);
  });

  test("takes more than may be sent, and refuses what has no end with a line that helps", async () => {
    for (let i = 0; i < 40; i++) at.write(`data/${i}`);
    at.write("a.py");
    const limits = { totalBytes: 1, fileBytes: 1, fileCount: 1 };
    const here = await comparable({ enoughFiles: 41 }, { limits });
    expect(here.content().manifest.entries).toHaveLength(41);
    const error: unknown = await comparable({ enoughFiles: 30 }, { limits }).catch(
      (e: unknown) => e,
    );
    if (!(error instanceof FetchmlError)) throw new Error("not refused");
    expect(error.code).toBe("bad-project");
    expect(error.message).toContain("Cannot compare the folder");
    expect(error.message).toContain("it has more than 30 files");
    expect(error.message).toEndWith("such as: /data/");
  });
});
