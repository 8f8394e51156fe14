// What comes along with a link that is pulled.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { OutputEntry } from "@fetchml/protocol";
import * as fc from "fast-check";
import { withLinkTargets } from "./link-targets.ts";
import { compileGlobs } from "./pull-globs.ts";
import { openPullBench, SOME_TIME, type PullBench } from "./pull-server.fixture.ts";

/** `a` is a file, `a -> b` a link. */
function entry(line: string): OutputEntry {
  const [path = "", target] = line.split(" -> ");
  if (target !== undefined) return { kind: "symlink", path, target };
  return { kind: "file", path, size_bytes: 1, modified_at: SOME_TIME, executable: false };
}

function pulledOf(lines: readonly string[], ...globs: readonly string[]): readonly string[] {
  return [...withLinkTargets(lines.map(entry), compileGlobs(globs))].toSorted();
}

describe("withLinkTargets()", () => {
  test("adds the file that a link leads to, and what is in the folder that one leads to", () => {
    const lines = ["latest.pt -> ckpt/2.pt", "ckpt/1.pt", "ckpt/2.pt", "all -> ckpt", "x"];
    expect(pulledOf(lines, "latest.pt")).toEqual(["ckpt/2.pt", "latest.pt"]);
    expect(pulledOf(lines, "all")).toEqual(["all", "ckpt/1.pt", "ckpt/2.pt"]);
    expect(pulledOf(lines, "x")).toEqual(["x"]);
    expect(pulledOf(lines)).toEqual(lines.map((line) => line.split(" ")[0] ?? "").toSorted());
  });

  test("adds the links on the way, and what is in an added folder leads to", () => {
    const lines = [
      "a -> b",
      "b -> dir/../c",
      "dir -> real/deep",
      "real/c",
      "c",
      "real/deep/d -> ../../e",
      "e",
    ];
    expect(pulledOf(lines, "a")).toEqual(["a", "b", "dir", "e", "real/c", "real/deep/d"]);
  });

  test("adds nothing for what leads outside, nowhere, in circles or to where it lies", () => {
    const lines = [
      "abs -> /etc/passwd",
      "up -> ../x",
      "back -> ../outputs/x",
      "none -> not/there",
      "self -> self",
      "ping -> pong",
      "pong -> ping",
      "in/here -> .",
      "in/above -> ..",
      "in/folder -> ../in",
      "below -> x/y",
      "x",
    ];
    for (const line of lines) {
      const [path = ""] = line.split(" -> ");
      expect(pulledOf(lines, path)).toEqual([path]);
    }
  });

  test("follows as many links as the kernel does, and no more", () => {
    const chain = (links: number) => [
      ...Array.from({ length: links }, (_, i) => `${i} -> ${i + 1}`),
      String(links),
    ];
    expect(pulledOf(chain(40), "0")).toHaveLength(41);
    expect(pulledOf(chain(60), "0")).toEqual(["0"]);
  });

  test("gives up on a list that was made to be slow", () => {
    const lap = `${"d/../".repeat(800)}x`;
    const slow = ["d/f", "x", ...Array.from({ length: 20_000 }, (_, i) => `l${i} -> h0`)];
    for (let i = 0; i < 39; i++) slow.push(`h${i} -> ${lap.replace(/x$/, `h${i + 1}`)}`);
    slow.push("h39 -> x", "other");
    expect(pulledOf(slow, "l*").length).toBeGreaterThanOrEqual(20_000);
    expect(pulledOf(["l -> x", "x", `h -> ${"x/".repeat(1_000_000)}`], "h")).toEqual(["h"]);
  });

  test("adds only what is listed, whatever the list says, and all that matches", () => {
    const name = fc.constantFrom("a", "b", "..", ".", "", "__proto__", "c");
    const path = fc.array(name, { maxLength: 4 }).map((parts) => parts.join("/"));
    const one: fc.Arbitrary<OutputEntry> = fc
      .tuple(path, fc.option(path))
      .map(([at, to]) => entry(to === null ? at : `${at} -> ${to}`));
    fc.assert(
      fc.property(fc.array(one), fc.constantFrom("a", "b", "a/b"), (entries, glob) => {
        const listed = entries.map((each) => each.path);
        const fits = compileGlobs([glob]);
        const wanted = withLinkTargets(entries, fits);
        expect(listed).toEqual(expect.arrayContaining([...wanted]));
        expect([...wanted]).toEqual(expect.arrayContaining(listed.filter(fits)));
      }),
    );
  });
});

describe("a link that is pulled", () => {
  let bench: PullBench;
  beforeEach(async () => {
    bench = await openPullBench();
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  test("leads here where it led on the box", async () => {
    for (const path of ["ckpt/1.pt", "ckpt/2.pt", "other"]) bench.put(path);
    bench.others.push({ attempt: 1, entry: entry("latest.pt -> ckpt/2.pt") });
    expect(bench.outcomes(await bench.pull({ globs: ["latest.pt"] }))).toEqual([
      "ckpt/2.pt pulled",
      "latest.pt pulled",
    ]);
    expect(statSync(join(bench.target, "latest.pt")).isFile()).toBe(true);
    expect(bench.here()).toEqual({ "ckpt/2.pt": "ckpt/2.pt", "latest.pt": "-> ckpt/2.pt" });
  });
});

describe("every link of a tree that leads somewhere in it", () => {
  test("leads there again with only what comes along", () => {
    const name = fc.constantFrom("a", "b");
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const ups = fc.array(fc.constant("../"), { maxLength: 2 }).map((all) => all.join(""));
    const target = fc.tuple(ups, path).map((both) => both.join(""));
    const made = fc.array(fc.tuple(path, fc.option(target)), { maxLength: 15 });
    fc.assert(
      fc.property(made, (all) => {
        using box = tree();
        const entries = all.flatMap(([at, to]) => box.make(to === null ? at : `${at} -> ${to}`));
        for (const link of entries.filter(({ kind }) => kind === "symlink")) {
          if (!endsInside(box.path, link.path)) continue;
          const wanted = withLinkTargets(entries, (one) => one === link.path);
          using laptop = tree();
          for (const one of entries) if (wanted.has(one.path)) laptop.make(lineOf(one));
          expect(endsInside(laptop.path, link.path)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function endsInside(folder: string, path: string): boolean {
  const at = join(folder, path);
  return existsSync(at) && `${realpathSync(at)}/`.startsWith(`${folder}/`);
}

function lineOf(one: OutputEntry): string {
  return one.kind === "symlink" ? `${one.path} -> ${one.target}` : one.path;
}

/** A folder; `make` puts an entry in it unless something is in its way. */
function tree() {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), "fetchml-links-")));
  const path = join(parent, "outputs");
  mkdirSync(path);
  return {
    path,
    make(line: string): readonly OutputEntry[] {
      const one = entry(line);
      const at = join(path, one.path);
      const folders = one.path
        .split("/")
        .slice(0, -1)
        .map((_, i, parts) => parts.slice(0, i + 1));
      const isFolder = (parts: readonly string[]) =>
        lstatSync(join(path, ...parts), { throwIfNoEntry: false })?.isDirectory() !== false;
      if (!folders.every(isFolder)) return [];
      if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) return [];
      mkdirSync(dirname(at), { recursive: true });
      if (one.kind === "symlink") symlinkSync(one.target, at);
      else writeFileSync(at, "x");
      return [one];
    },
    [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }),
  };
}
