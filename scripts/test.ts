// `npm test`: every check, the executables, every test, and a look for what the tests left behind.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildForHost } from "./build.ts";
import { runChecks } from "./check.ts";
import { projectRoot } from "./project-files.ts";
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
  const run = openTestRun(process.env);
  const interrupt = () => {
    run.close();
    process.exit(130);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    counts.push(await runTests(run, patterns), await lookForLeaks(run));
  } finally {
    run.close();
  }
  const sum = addCounts(counts);
  process.exitCode = sum.failed > 0 ? 1 : 0;
  process.stdout.write("(a check, the build and the look for leaks count as a test each)\n");
  process.stdout.write(`${formatCounts(sum)}\n`);
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

async function runTests(run: TestRun, patterns: readonly string[]): Promise<TestCounts> {
  const preloads = ["test-run/leak-guard.ts", "test-run/last-look.ts"];
  const bun = Bun.spawn(
    [
      process.execPath,
      "test",
      `--timeout=${testTimeoutMs}`,
      ...preloads.map((path) => `--preload=${join(import.meta.dir, path)}`),
      "--reporter=junit",
      `--reporter-outfile=${run.reportPath}`,
      ...(patterns.length > 0 ? patterns : ["packages", "scripts", "e2e"]),
    ],
    {
      cwd: projectRoot,
      env: run.environment,
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    },
  );
  const code = await bun.exited;
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
