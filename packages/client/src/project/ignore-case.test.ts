// Proof that the walk finds what Git finds where case does not matter, as on macOS and Windows.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import * as fc from "fast-check";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet");
  at.git("config", "core.ignoreCase", "true");
});
afterEach(() => at[Symbol.dispose]());

async function expectSameAsGit(): Promise<readonly string[]> {
  const listed = at.git("ls-files", "--others", "--exclude-standard", "-z");
  const found = await at.frozenPaths();
  expect(found.toSorted()).toEqual(listed.split("\0").slice(0, -1).toSorted());
  return found;
}

describe("with core.ignoreCase a project holds what git ls-files lists", () => {
  test("with letters in ranges, classes and brackets, and behind a backslash", async () => {
    // Each rule with names, of which Git leaves out the first ones.
    const cases: readonly (readonly [rule: string, out: string, held: string])[] = [
      ["*.LOG", "a.log B.Log", "a.lo"],
      ["/Data/", "dAtA/x", "b/data/x"],
      ["[+-_]*.tmp", "abc.tmp ABD.TMP +.tmp", "{.tmp"],
      ["[[:upper:]]x", "ax Bx", "1x"],
      ["[[:lower:]]x", "ax Bx", "1x"],
      ["[A-C]x", "ax Bx", "dx"],
      ["[a-c]x", "ax Bx", "dx"],
      // A single letter in brackets, or behind a backslash, stands for lower case alone, as Git has it.
      ["[A]x", "", "ax b/Ax"],
      ["[a]x", "ax b/Ax", "bx"],
      [String.raw`\Ax`, "", "ax b/Ax"],
      [String.raw`\ax`, "ax b/Ax", "bx"],
      ["[!A]x", "ax Bx", "ay"],
      ["[!A-C]x", "dx", "ax Bx"],
    ];
    const held: string[] = [];
    for (const [place, [rule, out, kept]] of cases.entries()) {
      at.write(`${place}/.gitignore`, rule);
      for (const name of `${out} ${kept}`.trim().split(" ")) at.write(`${place}/${name}`);
      held.push(...[".gitignore", ...kept.split(" ")].map((name) => `${place}/${name}`));
    }
    expect((await expectSameAsGit()).toSorted()).toEqual(held.toSorted());
  });

  test("whatever the rules are", async () => {
    const pieces =
      "a A b B ab FOO .Py * ** / **/ ? [ab] [AB] [!A] [^a] [a-c] [A-C] [!A-C] [+-_] [Z-a] [[:upper:]] [![:upper:]] [[:lower:]x] [[:Upper:]] [\\A-C] \\a \\A É ! Ä";
    const pattern = fc
      .array(fc.constantFrom(...pieces.split(" ")), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join(""));
    const file = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n"));
    const rules = fc.sample(file, { numRuns: 120, seed: 20_261_123 });
    const names = ["a", "B", "Ab", "foo", "c.pY", "é", "Z", "_x", "[", "bB"];
    for (const [place, text] of rules.entries()) {
      at.write(`${place}/.gitignore`, text);
      for (const name of names) at.write(`${place}/${name}`);
      at.write(`${place}/d/A/B.py`);
      at.write(`${place}/d/e/fOO`);
    }
    const found = await expectSameAsGit();
    expect(found.length).toBeGreaterThan(500);
    expect(found.length).toBeLessThan(rules.length * 12);
  });
});
