// Tests of projects in which something writes while they are frozen.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { changingWhileRead } from "./changed-while-read.fixture.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

function writeLong(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 3 * 1024 ** 2);
}

function grow(path: string): void {
  appendFileSync(path, "another line\n");
}

function replace(path: string): void {
  writeLong(join(at.home, "new"));
  renameSync(join(at.home, "new"), path);
}

/** Freezes while each file changes whenever it is read; answers why that was refused, and the pauses. */
async function refusalWhile(change: (path: string) => void) {
  const pauses: number[] = [];
  const delay = async (ms: number) => {
    pauses.push(ms);
  };
  const error: unknown = await changingWhileRead(change, () => at.freeze({ delay })).catch(
    (cause: unknown) => cause,
  );
  if (error instanceof FetchmlError) return { error, pauses };
  throw new Error("it was frozen");
}

test.each([
  ["grows", grow],
  ["is replaced", replace],
] as const)(
  "freezeProject() refuses a project of which a file %s all the time, with what to do",
  async (_how, change) => {
    at.write("train.py");
    at.write("logs/run.log");
    writeLong(join(at.root, "logs/run.log"));
    const { error, pauses } = await refusalWhile(change);
    expect(error.code).toBe("bad-project");
    const lines = error.message.split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('"logs/run.log" keeps changing while it is read');
    expect(lines[1]).toContain("wait until that is done");
    expect(lines[2]).toEndWith("add this line to .mlignore: /logs/run.log");
    expect(pauses.reduce((sum, ms) => sum + ms)).toBe(5000);
  },
);

test("freezeProject() does not wait five seconds for each of many such files", async () => {
  at.write("run/0.log");
  for (let place = 0; place < 40; place++) writeLong(join(at.root, `run/${place}.log`));
  const { error, pauses } = await refusalWhile(grow);
  expect(error.details["paths"]).toHaveLength(40);
  const longest = Math.max(...pauses);
  expect(pauses.filter((ms) => ms === longest).length).toBeLessThan(40);
});
