// Tests of the mutation check: its data fits the tree, and it tells a test that notices from one that does not.
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../project-files.ts";
import { mutations, type Mutation } from "./mutations.ts";
import { mutated, tryMutation, tryUnchanged } from "./try-mutation.ts";

describe("mutations", () => {
  for (const mutation of mutations) {
    test(`"${mutation.name}" finds its guard exactly once, and its tests`, () => {
      const text = readFileSync(join(projectRoot, mutation.file), "utf8");
      expect(mutated(text, mutation)).toBeString();
      for (const path of mutation.tests) expect(existsSync(join(projectRoot, path))).toBe(true);
    });
  }
});

describe("tryMutation()", () => {
  const root = mkdtempSync(join(tmpdir(), "fetchml-mutations-"));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("tells noticed, survived, stale and broken apart, and puts the file back", async () => {
    const guard = "export const isAllowed = (age: number) => age >= 18;\n";
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, "guard.ts"), guard);
    const line = (age: number, value: boolean) =>
      `import { expect, test } from "bun:test"; import { isAllowed } from "./guard.ts";\n` +
      `test("guards", () => expect(isAllowed(${age})).toBe(${value}));\n`;
    writeFileSync(join(root, "sharp.test.ts"), line(17, false));
    writeFileSync(join(root, "blunt.test.ts"), line(30, true));
    const copy = { root, environment: process.env, close: () => undefined };
    const gone: Mutation = {
      name: "the guard",
      file: "guard.ts",
      find: "age >= 18",
      replace: "age >= 0",
      tests: ["sharp.test.ts"],
    };
    expect(await tryUnchanged(gone, copy)).toBeNull();
    expect(await tryMutation(gone, copy)).toEqual({ verdict: "noticed", detail: "guards" });
    expect(await tryMutation({ ...gone, tests: ["blunt.test.ts"] }, copy)).toMatchObject({
      verdict: "survived",
    });
    expect(await tryMutation({ ...gone, find: "age > 18" }, copy)).toMatchObject({
      verdict: "stale",
    });
    expect(await tryMutation({ ...gone, replace: "(" }, copy)).toMatchObject({ verdict: "broken" });
    expect(readFileSync(join(root, "guard.ts"), "utf8")).toBe(guard);
  });
});
