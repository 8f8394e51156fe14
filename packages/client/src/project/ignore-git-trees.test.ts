// A property: in any tree, with rules and repositories of any kind at any depth, the walk finds exactly what Git finds.
import { afterEach, beforeEach, expect } from "bun:test";
import { lstatSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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

/** Repositories inside, those around others in front. */
const nested = fc
  .uniqueArray(
    fc.record({
      folder: fc.oneof(fc.constantFrom("src", "src/out", "a", "a/b"), path),
      /** Files and repositories in it that it tracks whatever the rules say, by their place. */
      tracked: fc.array(fc.nat({ max: 13 }), { maxLength: 6 }),
      exclude: fc.oneof(fc.constant(""), rules),
      /** Whether the repository around it tracks it, as a submodule. */
      isTracked: fc.boolean(),
    }),
    { selector: ({ folder }) => folder, minLength: 1, maxLength: 4 },
  )
  .map((all) => all.toSorted((a, b) => a.folder.length - b.folder.length));

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

needsSystem("git")(
  "and with repositories in it what git ls-files lists in each of them that is tracked or not ignored",
  async () => {
    await fc.assert(
      fc.asyncProperty(tree, nested, async (wanted, inside) => {
        clear();
        for (const [folder, text] of Object.entries(wanted.ignores))
          put(`${folder}.gitignore`, text);
        for (const file of wanted.files) put(file, file);
        // More of what may be tracked against the rules.
        for (const { folder } of inside)
          for (const one of ["a.py", "out/b"]) put(`${folder}/${one}`, "");
        at.write(".git/info/exclude", wanted.exclude);
        const made = inside.filter(({ folder }) => begin(folder));
        for (const { folder, tracked, exclude, isTracked } of made.toReversed()) {
          at.write(`${folder}/.git/info/exclude`, exclude);
          const files = [...wanted.files, `${folder}/a.py`, `${folder}/out/b`];
          for (const place of tracked) track(files[place % files.length], folder);
          at.git("-C", folder, "commit", "--quiet", "--allow-empty", "-m", "all");
          const around = made.findLast((one) => folder.startsWith(`${one.folder}/`));
          if (isTracked) track(folder, around?.folder);
        }
        const found = await at.frozenPaths();
        expect(found.toSorted()).toEqual([...new Set(namesInGit(""))].toSorted());
        expect(await at.frozenPaths({ cacheDir: null })).toEqual(found);
        expect(await at.frozenPaths()).toEqual(found);
      }),
      { numRuns: 40 },
    );
  },
  60_000,
);

/** What Git lists in a repository and in those inside that it lists as one name. */
function namesInGit(folder: string): readonly string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const names = at.git("-C", `./${folder}`, ...args).split("\0");
  return names.flatMap((one) => {
    if (one === "") return [];
    const whole = folder + one;
    return lstatSync(join(at.root, whole)).isDirectory()
      ? namesInGit(`${whole.replace(/\/$/, "")}/`)
      : [whole];
  });
}

function begin(folder: string): boolean {
  try {
    at.git("init", "--quiet", folder);
    return true;
  } catch {
    return false;
  }
}

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

/** In the repository of a folder; by default that of the project. */
function track(file: string | undefined, folder = "."): void {
  if (file === undefined) return;
  try {
    const way = relative(folder, file);
    at.git("-C", folder, "-c", "advice.addEmbeddedRepo=false", "add", "--force", "--", way);
  } catch {
    // It was not put.
  }
}
