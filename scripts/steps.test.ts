// Shows that runSteps() runs every step, no more than so many at once, and keeps what each printed.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-steps-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function shell(name: string, script: string): Step {
  return { name, command: ["sh", "-c", script] };
}

test("runSteps() keeps the order, the output and the verdict of each step", async () => {
  const steps = [
    shell("slow", `until [ -e ${folder}/go ]; do :; done; echo one`),
    shell("bad", "echo two; echo three >&2; exit 3"),
  ];
  const ended: string[] = [];
  const results = await runSteps(steps, 2, ({ name }) => {
    ended.push(name);
    if (name === "bad") writeFileSync(join(folder, "go"), "");
  });
  expect(ended).toEqual(["bad", "slow"]);
  expect(results.map(({ name, hasPassed, output }) => [name, hasPassed, output])).toEqual([
    ["slow", true, "one\n"],
    ["bad", false, "two\nthree\n"],
  ]);
});

test("runSteps() never runs more steps at once than it may", async () => {
  // Each step fails if another one holds the folder that it makes and removes.
  const steps = ["a", "b", "c"].map((name) =>
    shell(name, `mkdir ${folder}/alone && rmdir ${folder}/alone`),
  );
  const results = await runSteps(steps, 1, () => {});
  expect(results.map(({ hasPassed }) => hasPassed)).toEqual([true, true, true]);
});
