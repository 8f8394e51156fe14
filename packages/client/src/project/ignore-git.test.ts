// Proof that the walk finds exactly what Git finds.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import * as fc from "fast-check";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

const test = needsSystem("git");

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.git("init", "--quiet");
});
afterEach(() => at[Symbol.dispose]());

async function expectSameAsGit(): Promise<readonly string[]> {
  const listed = at.git("ls-files", "--cached", "--others", "--exclude-standard", "-z");
  const expected = new Set(listed.split("\0").filter((path) => path !== ""));
  const found = await at.frozenPaths();
  expect(found.toSorted()).toEqual([...expected].toSorted());
  return found;
}

describe("a project in a Git work tree", () => {
  test("holds what git ls-files lists, over a tree of awkward cases", async () => {
    const rules: Readonly<Record<string, string>> = {
      ".gitignore": [
        "# a comment",
        "\\#not-a-comment",
        "\\!not-negated",
        "*.log",
        "!keep.log",
        "trailing-space ",
        "kept\\ ",
        "/anchored",
        "only-folder/",
        "deep/**/middle",
        "**/anywhere",
        "below/**",
        "!below/kept",
        "[a-c]lass",
        "[!x]egated",
        "[[:digit:]][[:digit:]]",
        "ünï*",
        "?yte",
        "a\\*b",
        "all/*",
        "!all/but",
        "dos\r",
        "foo**/bar",
        "tab\t",
        // Git sees a line up to its first NUL.
        "cut\0off",
        "cut-space \0off",
        "cut-folder/\0off",
        "cut-return\r\0off",
        "cut-gl*\0off",
        "cut-back",
        "!cut-back\0off",
        "\0unseen",
        "!\0unseen",
        "",
        "   ",
      ].join("\n"),
      "nested/.gitignore": "*\n!*.py\n!deeper/\n!.gitignore",
      "nested/deeper/.gitignore": "\ufeff*.py\n!/kept.py\n",
      "nested-bom/.gitignore": "\ufeffmarked\n",
      "no-newline/.gitignore": "last",
    };
    for (const [path, text] of Object.entries(rules)) at.write(path, text);
    const names = [
      "#not-a-comment",
      "!not-negated",
      "a.log",
      "keep.log",
      "trailing-space",
      "kept ",
      "anchored",
      "only-folder",
      "middle",
      "anywhere",
      "kept",
      "class",
      "dlass",
      "negated",
      "xegated",
      "42",
      "ünïx",
      "üyte",
      "byte",
      "a*b",
      "axb",
      "but",
      "dos",
      "bar",
      "tab",
      "tab\t",
      "cut",
      "cutoff",
      "cut-space",
      "cut-folder",
      "cut-return",
      "cut-glob",
      "cut-back",
      "unseen",
      "last",
      "kept.py",
      "other.py",
      "marked",
      "日本.log",
      "-dash",
      "sp ace",
      "..dots",
      "file",
    ];
    const folders = [
      "",
      "all/",
      "below/",
      "deep/",
      "deep/x/y/",
      "foo/",
      "foo/x/",
      "foobar/",
      "nested/",
      "nested/deeper/",
      "nested/other/",
      "nested-bom/",
      "no-newline/",
      "plain/cut-folder/",
      "plain/only-folder/",
      "sub/anchored/",
    ];
    for (const folder of folders) {
      for (const name of names.filter((one) => !one.includes("\t"))) at.write(`${folder}${name}`);
    }
    at.write(".git/info/exclude", "excluded\n*.tmp\n");
    at.write("x/excluded");
    at.write("x/y.tmp");
    at.git("config", "core.excludesFile", "~/my-ignore");
    at.write("../../my-ignore", "global-*\n");
    at.write("global-one");
    const found = await expectSameAsGit();
    expect(found).toContain("keep.log");
    expect(found).not.toContain("global-one");
  });

  test("holds tracked files whatever the rules say of them", async () => {
    at.write("data/raw/kept.bin");
    at.write("data/raw/other.bin");
    at.write("model.bin");
    at.git("add", "data/raw/kept.bin", "model.bin");
    at.write(".gitignore", "*.bin\ndata/\n");
    expect(await expectSameAsGit()).toEqual([".gitignore", "data/raw/kept.bin", "model.bin"]);
    // The answer is kept, and asked for anew once the index changes.
    at.git("rm", "--quiet", "--cached", "model.bin");
    expect(await expectSameAsGit()).toEqual([".gitignore", "data/raw/kept.bin"]);
  });

  test("holds a file that came to be tracked while Git was asked, the next time", async () => {
    at.write(".gitignore", "*.bin\n");
    at.write("model.bin");
    const git = Bun.which("git") ?? "";
    const once = `[ -e ../../done ] || { : > ../../done; ${git} add --force model.bin; }`;
    const script = `case "$*" in *ls-files*) ${git} "$@"; ${once};; *) exec ${git} "$@";; esac`;
    at.write("../../bin/git", `#!/bin/sh\n${script}\n`, 0o755);
    const env = { ...at.env, PATH: `${at.home}/bin:${at.env["PATH"] ?? ""}` };
    expect(await at.frozenPaths({ env })).toEqual([".gitignore"]);
    expect(at.git("ls-files")).toBe("model.bin\n");
    expect(await at.frozenPaths({ env })).toEqual([".gitignore", "model.bin"]);
  });

  test("obeys the rules of folders above the project in the same work tree", async () => {
    at.write(".gitignore", "*.log\n/sub/secret\nsub/inner/only\n");
    for (const path of ["a.log", "secret", "inner/only", "inner/kept"]) at.write(`sub/${path}`);
    const root = `${at.root}/sub`;
    expect(await at.frozenPaths({ root })).toEqual(["inner/kept"]);
  });

  test("notices a change of every kind of rule, though nothing else changed", async () => {
    at.write("a.x");
    at.write("b.y");
    at.write("sub/c.z");
    expect(await expectSameAsGit()).toHaveLength(3);
    at.write(".git/info/exclude", "*.x\n");
    expect(await expectSameAsGit()).toEqual(["b.y", "sub/c.z"]);
    at.write("../../.config/git/ignore", "*.y\n");
    expect(await expectSameAsGit()).toEqual(["sub/c.z"]);
    at.write("sub/.gitignore", "*.z\n");
    expect(await expectSameAsGit()).toEqual(["sub/.gitignore"]);
    at.git("config", "core.excludesFile", "/dev/null");
    expect(await expectSameAsGit()).toEqual(["b.y", "sub/.gitignore"]);
  });

  test("holds what git ls-files lists, whatever the rules are", async () => {
    const piece = fc.constantFrom(
      ..."a b ab foo .py * ** / /**/ **/ /** ? [ab] [!ab] [^a] [a-c] [[:alpha:]] [] []] [a \\a \\ ä . - ! # {a} *** + [--a] [a-] \\[".split(
        " ",
      ),
      " ",
      "\\ ",
      "\r",
      "\0",
    );
    const pattern = fc
      .array(piece, { minLength: 1, maxLength: 4 })
      .map((pieces) => pieces.join(""));
    const file = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n"));
    // Many ignore files are compared by one run of Git, each in a folder of its own.
    const rules = fc.sample(file, { numRuns: 80, seed: 20_261_122 });
    const parts = ["a", "ab", "foo", "a.py", "é", "{a}", "#", "!", "c ", "-"];
    for (const [place, text] of rules.entries()) {
      const folder = `${place}`;
      at.write(`${folder}/.gitignore`, place % 3 === 0 ? `*\n!*/\n!.gitignore\n${text}` : text);
      for (const [index, part] of parts.entries()) {
        const next = parts[(index * 3 + place) % parts.length] ?? "";
        at.write(`${folder}/${index % 2 === 0 ? "" : `${next}.d/b/`}${part}`);
      }
    }
    const found = await expectSameAsGit();
    expect(found.length).toBeGreaterThan(300);
  });
});
