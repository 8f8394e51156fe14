// Outputs that Git would take for a repository as soon as somebody looks around in them.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { gitFolderCheck } from "./git-folders.ts";
import { openPullBench, type PullBench } from "./pull-server.fixture.ts";
import { openTarget } from "./target-folder.ts";

/** Those of the paths that are left out, where these are here already. */
function leftOut(paths: readonly string[], here: readonly string[] = []): readonly string[] {
  const isHere = new Set(here);
  const problemOf = gitFolderCheck(paths, {
    isHere: (path) => isHere.has(path),
    platform: "darwin",
  });
  return paths.filter((path) => problemOf(path) !== null);
}

describe("gitFolderCheck()", () => {
  test("leaves out the HEAD of what would be a repository, at any depth and however it is written", () => {
    expect(leftOut(["HEAD", "config", "objects/x", "refs/x"])).toEqual(["HEAD"]);
    expect(leftOut(["a/b/head", "a/B/OBJECTS/x", "A/b/Refs", "a/b/config"])).toEqual(["a/b/head"]);
    expect(leftOut(["a/HEAD", "a/commondir", "b/objects/x"])).toEqual(["a/HEAD"]);
    const model = ["head/weights.pt", "config", "hooks/x", "refs.txt", "objects/x", "HEAD.txt"];
    expect(leftOut(model)).toEqual([]);
  });

  test("leaves out a HEAD that makes one of what is here", () => {
    expect(leftOut(["a/HEAD"], ["a/objects", "a/refs"])).toEqual(["a/HEAD"]);
    expect(leftOut(["a/HEAD", "a/objects/x"], ["a/refs"])).toEqual(["a/HEAD"]);
    expect(leftOut(["a/HEAD", "a/objects/x"], ["b/refs", "refs"])).toEqual([]);
  });

  test("leaves out beside a HEAD that is here all that Git looks for, and nothing else", () => {
    const coming = ["a/objects/x", "a/refs/y", "a/config", "a/hooks/z", "a/model.pt", "config"];
    expect(leftOut(coming, ["a/HEAD"])).toEqual(coming.slice(0, 4));
    expect(leftOut(["a/config"], ["a/HEAD", "a/objects", "a/refs"])).toEqual(["a/config"]);
    expect(leftOut(["a/Commondir"], ["a/HEAD"])).toEqual(["a/Commondir"]);
    expect(leftOut(["a/config", "a/objects/x"], ["a/HEAD"])).toEqual([]);
  });

  test("asks only about names that Git looks for", () => {
    const asked: string[] = [];
    gitFolderCheck(["a/b/c.pt", "log", "x/config"], {
      isHere: (path) => asked.push(path) === 0,
      platform: "linux",
    });
    expect(asked).toEqual(["x/HEAD", "x/objects", "x/refs", "x/commondir"]);
  });
});

describe("a pull of a repository without a work tree", () => {
  let bench: PullBench;
  beforeEach(async () => {
    bench = await openPullBench();
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const witness = () => join(bench.target, "witness");
  const files = (): Readonly<Record<string, string>> => ({
    "bare/HEAD": "ref: refs/heads/main\n",
    "bare/config": `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = "touch ${witness()};"\n`,
    "bare/objects/x": "x",
    "bare/refs/x": "x",
  });

  function gitStatus(folder: string): void {
    const env = { PATH: process.env["PATH"] ?? "", HOME: bench.target };
    Bun.spawnSync(["git", "status"], { cwd: join(folder, "bare"), env });
  }

  needsSystem("git")("runs nothing of it when Git looks around there, and says so", async () => {
    for (const [path, text] of Object.entries(files())) bench.put(path, text);
    const items = await bench.pull();
    expect(items.find(({ path }) => path === "bare/HEAD")).toMatchObject({
      outcome: "left-out",
      why: "would have Git take its folder for a repository and run commands from there; --allow-git pulls it",
    });
    expect(items.filter(({ outcome }) => outcome === "pulled")).toHaveLength(3);
    gitStatus(bench.target);
    expect(existsSync(witness())).toBe(false);
    // Whoever trusts the job gets it whole.
    const rest = await bench.pull({ allowsGit: true });
    expect(rest.map(({ outcome }) => outcome).toSorted()).toEqual([
      "equal",
      "equal",
      "equal",
      "pulled",
    ]);
    // The same with it: or else this test tells nothing.
    writeFileSync(join(bench.target, "bare/HEAD"), files()["bare/HEAD"] ?? "");
    gitStatus(bench.target);
    expect(existsSync(witness())).toBe(true);
  });

  needsSystem("git")("runs nothing either when its files come one at a time", async () => {
    for (const [number, order] of ordersOf(Object.entries(files())).entries()) {
      const target = openTarget(join(bench.target, `order-${number}`), 0);
      const outcomes: string[] = [];
      for (const [path, text] of order) {
        bench.files.clear();
        bench.put(path, text);
        outcomes.push(...(await bench.pull({ target })).map(({ outcome }) => outcome));
      }
      expect(outcomes).toContain("left-out");
      gitStatus(target.path);
      expect(existsSync(witness())).toBe(false);
    }
  });
});

function ordersOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length === 0) return [[]];
  return all.flatMap((one) =>
    ordersOf(all.filter((other) => other !== one)).map((rest) => [one, ...rest]),
  );
}
