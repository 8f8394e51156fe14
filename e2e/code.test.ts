// What was queued comes back: any tree, through cuts and kills, and to nobody but its owner and admins.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { openBox, runToEnd, until, writeProject, type Box, type Person } from "./box.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { anyBytes, readTree, trees, writeTree, type Tree } from "./random-tree.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

/** Queues a job that never starts, from that folder. */
async function queued(folder: string): Promise<string> {
  const { code, stderr, stdout } = await alice.ml(["queue", "code", "--hold", "--", "true"], {
    cwd: folder,
  });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return /^Queued (\d+)/.exec(stdout)?.[1] ?? stdout;
}

test("any tree that is queued comes back identical", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(trees(anyBytes), async (tree) => {
      round += 1;
      const project = join(alice.home, `tree-${round}`);
      const out = join(alice.home, `out-${round}`);
      // With an ml.toml it is a project of its own.
      const whole: Tree = { ...tree, "ml.toml": { kind: "file", content: "", executable: false } };
      writeTree(project, whole);
      const id = await queued(project);
      const { code, stderr } = await alice.ml(["code", id, "-o", out]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(readTree(out)).toEqual(whole);
      expect(readTree(project)).toEqual(whole);
      for (const folder of [project, out]) rmSync(folder, { recursive: true });
    }),
    { numRuns: 15, endOnFailure: true },
  );
}, 300_000);

test("of a Git work tree comes what lies there, unpushed and uncommitted, and nothing ignored", async () => {
  const project = writeProject(join(alice.home, "unpushed"), {
    ".gitignore": "*.log\n",
    "committed.py": "1\n",
    "changed.py": "1\n",
    "sub/a.py": "1\n",
  });
  const git = (...words: readonly string[]) =>
    runToEnd(["git", "-c", "user.name=a", "-c", "user.email=a@b", ...words], {
      cwd: project,
      env: { PATH: process.env["PATH"] ?? "", HOME: alice.home, GIT_CONFIG_NOSYSTEM: "1" },
    });
  for (const words of [
    ["init", "-q"],
    ["add", "."],
    ["commit", "-q", "-m", "never pushed"],
  ]) {
    expect((await git(...words)).code).toBe(0);
  }
  writeProject(project, { "changed.py": "2\n", "new.py": "1\n", "staged.py": "1\n", "x.log": "" });
  expect((await git("add", "staged.py")).code).toBe(0);
  const out = join(alice.home, "unpushed-out");
  // From a folder of it, as well as from its root.
  const id = await queued(join(project, "sub"));
  expect((await alice.ml(["code", id, "-o", out])).code).toBe(0);
  const text = Object.entries(readTree(out)).map(([path, thing]) => [
    path,
    thing.kind === "file" ? thing.content : thing.target,
  ]);
  expect(Object.fromEntries(text)).toEqual({
    ".gitignore": "*.log\n",
    "changed.py": "2\n",
    "committed.py": "1\n",
    "new.py": "1\n",
    "staged.py": "1\n",
    "sub/a.py": "1\n",
  });
}, 60_000);

/** A project of 300 files, 6 MB in all. */
function largeProject(): string {
  const folder = join(alice.home, "large");
  if (existsSync(folder)) return folder;
  const files = Array.from({ length: 300 }, (_, i) => [
    `d${i % 7}/f${i}.txt`,
    `${i} `.repeat(i % 10 === 0 ? 60_000 : 1000),
  ]);
  return writeProject(folder, { "ml.toml": "", ...Object.fromEntries(files) });
}

test("a connection that is cut again and again costs only what was under way", async () => {
  const project = largeProject();
  const id = await queued(project);
  const proxy = await startCuttingProxy(Number(new URL(box.httpUrl).port));
  try {
    // Each connection brings a little further; the largest file fits into one.
    proxy.cutAfter(1_500_000);
    const out = join(alice.home, "cut");
    const env = { ML_API_KEY: alice.apiKey, ML_API_URL: `ws://127.0.0.1:${proxy.port}/ws` };
    const { code } = await alice.ml(["code", id, "-o", out], { env });
    expect(code).toBe(0);
    expect(readTree(out)).toEqual(readTree(project));
  } finally {
    proxy.close();
  }
}, 120_000);

test("of two commands at once that write to one folder none harms the other", async () => {
  const project = largeProject();
  const id = await queued(project);
  const out = join(alice.home, "twice");
  const ends = await Promise.all([1, 2, 3].map(() => alice.ml(["code", id, "-o", out])));
  const codes = ends.map(({ code }) => code);
  expect(codes).toContain(0);
  for (const { code, stderr } of ends) {
    if (code !== 0)
      expect([code, stderr]).toEqual([5, expect.stringContaining("is writing there")]);
  }
  expect(readTree(out)).toEqual(readTree(project));
}, 60_000);

test("a command that is killed leaves nothing half-made, and goes on when it is typed again", async () => {
  const project = largeProject();
  const expected = readTree(project);
  const thereOf = (out: string) =>
    Object.keys(expected).filter((path) => existsSync(join(out, path)));
  const id = await queued(project);
  for (let round = 0; round < 4; round++) {
    const out = join(alice.home, `killed-${round}`);
    const child = alice.start(["code", id, "-o", out]);
    // From "nothing yet" to "nearly done".
    await until(
      () => child.exitCode !== null || thereOf(out).length >= round * 80,
      "the command writes nothing",
    );
    child.kill("SIGKILL");
    await child.exited;
    const left = existsSync(out) ? readTree(out) : {};
    for (const path of thereOf(out)) expect(left[path]).toEqual(expected[path]);
    expect((await alice.ml(["code", id, "-o", out])).code).toBe(0);
    expect(readTree(out)).toEqual(expected);
    rmSync(out, { recursive: true });
  }
}, 300_000);

test("a server that is killed in the middle is waited for", async () => {
  const project = largeProject();
  const id = await queued(project);
  const out = join(alice.home, "server-killed");
  const child = alice.start(["code", id, "-o", out]);
  await until(
    () => child.exitCode !== null || existsSync(join(out, "d0/f0.txt")),
    "the command writes nothing",
  );
  await box.stop("SIGKILL");
  await box.start();
  expect(await child.exited).toBe(0);
  expect(readTree(out)).toEqual(readTree(project));
}, 120_000);

test("a folder with something else in it is left as it is", async () => {
  const id = await queued(largeProject());
  const out = join(alice.home, "mine");
  mkdirSync(out);
  writeFileSync(join(out, "thesis.tex"), "mine");
  const { code, stderr } = await alice.ml(["code", id, "-o", out]);
  expect([code, readdirSync(out)]).toEqual([2, ["thesis.tex"]]);
  expect(stderr).toContain("thesis.tex");
});

test("code is for its owner and for admins", async () => {
  const id = await queued(largeProject());
  const admin = await box.addPerson("root", "admin");
  const others = [await box.addPerson("bob"), await box.addPerson("vera", "viewer")];
  expect((await admin.ml(["code", id, "-o", "theirs"])).code).toBe(0);
  expect(readTree(join(admin.home, "work/theirs"))).toEqual(readTree(largeProject()));
  for (const other of others) {
    const { code, stderr } = await other.ml(["code", id, "-o", "theirs"]);
    expect([code, stderr]).toEqual([6, expect.stringContaining("that you may see")]);
    expect(existsSync(join(other.home, "work/theirs"))).toBe(false);
  }
});

test("a job queued without files gives an empty folder", async () => {
  const folder = join(alice.home, "empty");
  mkdirSync(folder);
  const id = await queued(folder);
  expect((await alice.ml(["code", id, "-o", "nothing"])).code).toBe(0);
  expect(readdirSync(join(alice.home, "work/nothing"))).toEqual([]);
});
