// `npm test`: every check, the executables, every test, and a look for what the tests left behind.

import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildForHost } from "./build.ts";
import { runChecks } from "./check.ts";
import { listProjectFiles, projectRoot } from "./project-files.ts";
import { lanesOf } from "./test-run/lanes.ts";
import { addCounts, countTests, formatCounts, verdict } from "./test-run/test-counts.ts";
import type { TestCounts } from "./test-run/test-counts.ts";
import { openTestRun } from "./test-run/run-folder.ts";
import type { TestRun } from "./test-run/run-folder.ts";

/** Longer than any test takes on a busy machine; one that hangs must still end. */
const testTimeoutMs = 30_000;
const leakPatienceMs = 3000;

async function main(patterns: readonly string[]): Promise<void> {
  // What is asked for by name is wanted soon: then the checks wait for the whole run.
  const checks = patterns.length > 0 ? [] : await runChecks();
  const counts = [...checks.map(({ hasPassed }) => verdict(hasPassed)), await build()];
  const lanes = patterns.length > 0 ? [patterns] : lanesOf(testFiles()).map(({ files }) => files);
  const runs = lanes.map((files) => ({ files, run: openTestRun(process.env) }));
  const closeAll = () => {
    for (const { run } of runs) run.close();
  };
  const interrupt = () => {
    closeAll();
    process.exit(130);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const ended = runs.map(async ({ files, run }, lane) => {
      const tests = await runTests(run, files, lane === 0 ? "shown" : "kept");
      return [tests, await lookForLeaks(run)];
    });
    counts.push(...(await Promise.all(ended)).flat());
  } finally {
    closeAll();
  }
  const sum = addCounts(counts);
  process.exitCode = sum.failed > 0 ? 1 : 0;
  process.stdout.write("(a check, the build and a look for leaks count as a test each)\n");
  process.stdout.write(`${formatCounts(sum)}\n`);
}

function testFiles(): readonly string[] {
  const isTest = /^(?:bench|e2e|packages|scripts)\/.*\.test\.ts$/;
  return listProjectFiles().filter((path) => isTest.test(path));
}

async function build(): Promise<TestCounts> {
  try {
    await buildForHost();
    return verdict(true);
  } catch (error) {
    process.stdout.write(`FAIL build\n${error instanceof Error ? error.message : String(error)}\n`);
    return verdict(false);
  }
}

/** Runs them in a process of its own. Of two that run at a time, what the second prints is kept until it has ended. */
async function runTests(
  run: TestRun,
  files: readonly string[],
  output: "shown" | "kept",
): Promise<TestCounts> {
  const preloads = ["test-run/leak-guard.ts", "test-run/last-look.ts"];
  const keptPath = `${run.reportPath}.log`;
  const target = output === "shown" ? "inherit" : openSync(keptPath, "w");
  const bun = Bun.spawn(
    [
      process.execPath,
      "test",
      `--timeout=${testTimeoutMs}`,
      ...preloads.map((path) => `--preload=${join(import.meta.dir, path)}`),
      "--reporter=junit",
      `--reporter-outfile=${run.reportPath}`,
      ...files,
    ],
    {
      cwd: projectRoot,
      env: run.environment,
      stdin: "ignore",
      stdout: target,
      stderr: target,
    },
  );
  const code = await bun.exited;
  if (typeof target === "number") {
    closeSync(target);
    process.stdout.write(readFileSync(keptPath));
  }
  return countTests(readReport(run.reportPath), code);
}

function readReport(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

async function lookForLeaks(run: TestRun): Promise<TestCounts> {
  const leaks = await run.findLeaks(leakPatienceMs);
  if (leaks.length > 0) process.stdout.write(`FAIL the run left behind:\n${leaks.join("\n")}\n`);
  return verdict(leaks.length === 0);
}

await main(process.argv.slice(2));
