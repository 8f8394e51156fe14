// What changed between two jobs: a patch that makes one tree of the other, and the facts beside it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { openBox, runToEnd, writeProject, type Box, type Person } from "./box.ts";
import { anyText, readTree, trees, writeTree, type Tree } from "./random-tree.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

/** Queues a job that never starts, from that folder. */
async function queued(
  folder: string,
  options: readonly string[] = [],
  command: readonly string[] = ["true"],
): Promise<string> {
  const words = ["queue", "train", "--hold", ...options, "--", ...command];
  const { stdout, stderr } = await alice.ml(words, { cwd: folder });
  return /^Queued (\d+)/.exec(stdout)?.[1] ?? stderr;
}

/** The exact bytes of a patch: not all of them are UTF-8. */
async function patchOf(before: string, after: string): Promise<Uint8Array> {
  const child = alice.start(["diff", before, after]);
  const bytes = await new Response(child.stdout).bytes();
  expect(await child.exited).toBe(0);
  return bytes;
}

const ML_TOML: Tree = { "ml.toml": { kind: "file", content: "", executable: false } };

test("the patch makes the second tree of the first, in the hands of git", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(trees(anyText, 6), trees(anyText, 6), async (old, young) => {
      round += 1;
      const before = join(alice.home, `old-${round}`);
      const after = join(alice.home, `young-${round}`);
      writeTree(before, { ...old, ...ML_TOML });
      writeTree(after, { ...young, ...ML_TOML });
      const patch = await patchOf(await queued(before), await queued(after));
      if (patch.length > 0) {
        writeFileSync(join(alice.home, "patch"), patch);
        const { code, stderr } = await runToEnd(["git", "apply", "../patch"], {
          cwd: before,
          env: { PATH: process.env["PATH"] ?? "", HOME: alice.home, GIT_CONFIG_NOSYSTEM: "1" },
        });
        expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
      }
      expect(readTree(before)).toEqual(readTree(after));
      for (const folder of [before, after]) rmSync(folder, { recursive: true });
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 300_000);

test("command, environment and needs stand before the code; a folder can be compared as well", async () => {
  const project = writeProject(join(alice.home, "project"), { "ml.toml": "", "a.txt": "one\n" });
  const before = await queued(project, ["--env", "LR=0.1"], ["python3", "train.py"]);
  writeFileSync(join(project, "a.txt"), "two\n");
  const after = await queued(
    project,
    ["--env", "LR=0.2", "--cpus", "2"],
    ["python3", "train.py", "-v"],
  );
  const { code, stdout } = await alice.ml(["diff", before, after]);
  expect([code, stdout]).toEqual([
    0,
    [
      "command",
      "  - python3 train.py",
      "  + python3 train.py -v",
      "env",
      "  - LR=0.1",
      "  + LR=0.2",
      "needs",
      "  - 1 CPU",
      "  + 2 CPUs",
      "",
      "diff --git a/a.txt b/a.txt",
      "--- a/a.txt",
      "+++ b/a.txt",
      "@@ -1 +1 @@",
      "-one",
      "+two",
      "",
    ].join("\n"),
  ]);
  expect((await alice.ml(["diff", before], { cwd: project })).stdout).toContain("-one\n+two\n");
  const same = await alice.ml(["diff", after], { cwd: project });
  expect([same.code, same.stdout]).toEqual([0, ""]);
  const stat = await alice.ml(["diff", before, after, "--stat", "--", "a.txt"]);
  expect(stat.stdout).toContain("1 file changed, +1 -1 lines");
});

test("what somebody else may not see is not compared", async () => {
  const project = writeProject(join(alice.home, "secret"), { "ml.toml": "", "a.txt": "one\n" });
  const id = await queued(project);
  const bob = await box.addPerson("bob");
  const { code, stdout, stderr } = await bob.ml(["diff", id, id]);
  expect([code, stdout]).toEqual([6, ""]);
  expect(stderr).toContain("that you may see");
});
