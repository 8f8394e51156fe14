// Takes one guard out of a copy of the tree and looks whether its tests notice.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutation } from "./mutations.ts";
import type { TreeCopy } from "./tree-copy.ts";

/**
 * How it went. `noticed`: a test failed, as it must. `survived`: none did. `stale`: the text to find does not stand in the file
 * exactly once. `broken`: the tests fail by themselves, or nothing ran, so nothing was shown.
 */
export type Verdict = "noticed" | "survived" | "stale" | "broken";

/** A verdict with what a person wants to know about it. */
export interface Trial {
  readonly verdict: Verdict;
  /** The first test that failed, or what is wrong. */
  readonly detail: string;
}

/** Longest time for the tests of one mutation, many times what they take; a mutant may hang, which is noticed too. */
const TIME_LIMIT_MS = 60_000;

/** The mutated text, or `undefined` when the text to find does not stand there exactly once. */
export function mutated(
  text: string,
  { find, replace }: Pick<Mutation, "find" | "replace">,
): string | undefined {
  const parts = text.split(find);
  return parts.length === 2 ? parts.join(replace) : undefined;
}

/** Changes the file, runs the tests, and puts the file back as it was. */
export async function tryMutation(mutation: Mutation, copy: TreeCopy): Promise<Trial> {
  const path = join(copy.root, mutation.file);
  if (!existsSync(path)) return { verdict: "stale", detail: `there is no ${mutation.file}` };
  const before = readFileSync(path, "utf8");
  const after = mutated(before, mutation);
  if (after === undefined) {
    return { verdict: "stale", detail: `the text to find is not in ${mutation.file} exactly once` };
  }
  writeFileSync(path, after);
  try {
    const { code, output, isHung } = await runTests(copy, mutation);
    if (isHung) return { verdict: "noticed", detail: "the tests do not come to an end" };
    if (code === 0) return { verdict: "survived", detail: "no test failed" };
    const failed = /^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/m.exec(output)?.[1];
    if (failed === undefined) return { verdict: "broken", detail: lastLine(output) };
    return { verdict: "noticed", detail: failed };
  } finally {
    writeFileSync(path, before);
  }
}

/** Whether these tests pass with every guard in place, and if not what the first complaint is. */
export async function tryUnchanged(
  tests: Pick<Mutation, "tests" | "only">,
  copy: TreeCopy,
): Promise<string | null> {
  const lacking = tests.tests.find((path) => !existsSync(join(copy.root, path)));
  if (lacking !== undefined) return `there is no ${lacking}`;
  const { code, output, isHung } = await runTests(copy, tests);
  if (isHung) return "the tests do not come to an end";
  if (code === 0 && !/^ 0 pass$/m.test(output)) return null;
  if (code === 0) return "all of its tests are skipped here";
  return /^\(fail\) .*$/m.exec(output)?.[0] ?? lastLine(output);
}

async function runTests(
  copy: TreeCopy,
  { tests, only }: Pick<Mutation, "tests" | "only">,
): Promise<{ readonly code: number; readonly output: string; readonly isHung: boolean }> {
  const child = Bun.spawn(
    [
      process.execPath,
      "test",
      "--timeout=30000",
      "--bail",
      ...(only === undefined ? [] : ["-t", only]),
      // The dot tells bun that it is a path and not a part of a name.
      ...tests.map((test) => `./${test}`),
    ],
    { cwd: copy.root, env: copy.environment, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  let isHung = false;
  const timer = setTimeout(() => {
    isHung = true;
    child.kill("SIGKILL");
  }, TIME_LIMIT_MS);
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(timer);
  return { code, output: stdout + stderr, isHung };
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "nothing was printed";
}
