// A property: in any tree, with rules of any kind at any depth, the walk finds exactly what Git finds.
import { afterEach, beforeEach, expect } from "bun:test";
import { readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet");
});
afterEach(() => at[Symbol.dispose]());

const name = fc.constantFrom(
  ..."a b ab a.py b.py .c ä 日 -x {a} #b !a a~ out src".split(" "),
  "a b",
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

/** Mostly rules about the names above, so that they decide something. */
const pattern = fc.oneof(
  name,
  path,
  fc
    .tuple(fc.constantFrom("", "/", "**/", "*/"), path, fc.constantFrom("", "/", "/*", "/**"))
    .map((parts) => parts.join("")),
  fc.constantFrom(
    "*",
    "*.py",
    "?",
    "[ab]",
    "[!a]",
    "/*",
    "*/",
    "**",
    "a/**/b",
    "\\#b",
    "\\!a",
    "a*",
  ),
);
const line = fc
  .tuple(fc.constantFrom("", "", "!"), pattern, fc.constantFrom("", "", " ", "\r"))
  .map((parts) => parts.join(""));
const rules = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join("\n"));

const tree = fc.record({
  files: fc.array(path, { minLength: 3, maxLength: 14 }),
  links: fc.array(path, { maxLength: 2 }),
  /** Ignore files by the folder they stand in. */
  ignores: fc.dictionary(
    fc.oneof(
      fc.constant(""),
      path.map((folder) => `${folder}/`),
    ),
    rules,
    {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    },
  ),
  exclude: fc.oneof(fc.constant(""), rules),
  global: fc.oneof(fc.constant(""), rules),
  /** Of the files, by their place: tracked whatever the rules say. */
  tracked: fc.array(fc.nat({ max: 13 }), { maxLength: 4 }),
});

needsSystem("git")(
  "a project in a Git work tree holds what git ls-files lists, whatever the tree and its rules are",
  async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (wanted) => {
        clear();
        for (const [folder, text] of Object.entries(wanted.ignores))
          put(`${folder}.gitignore`, text);
        for (const file of wanted.files) put(file, file);
        for (const link of wanted.links) putLink(link);
        at.write(".git/info/exclude", wanted.exclude);
        at.write("../../.config/git/ignore", wanted.global);
        for (const place of wanted.tracked) track(wanted.files[place]);
        const listed = at.git("ls-files", "--cached", "--others", "--exclude-standard", "-z");
        const expected = new Set(listed.split("\0").filter((one) => one !== ""));
        const found = await at.frozenPaths();
        expect(found.toSorted()).toEqual([...expected].toSorted());
        expect(await at.frozenPaths({ cacheDir: null })).toEqual(found);
      }),
      { numRuns: 60 },
    );
  },
  60_000,
);

function clear(): void {
  for (const entry of readdirSync(at.root)) {
    if (entry !== ".git") rmSync(join(at.root, entry), { recursive: true });
  }
  rmSync(join(at.root, ".git/index"), { force: true });
}

/** Where a file stands there can be no folder, and the other way round: then nothing is put. */
function put(file: string, text: string): void {
  try {
    at.write(file, text);
  } catch {
    // The tree has one entry fewer.
  }
}

function putLink(link: string): void {
  try {
    put(`${dirname(link)}/beside`, "");
    symlinkSync("beside", join(at.root, link));
  } catch {
    // As above.
  }
}

function track(file: string | undefined): void {
  if (file === undefined) return;
  try {
    at.git("add", "--force", "--", file);
  } catch {
    // It was not put.
  }
}
