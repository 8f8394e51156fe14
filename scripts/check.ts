// The gate: format, lint, types, floors, documents, dead code, generated documents. `npm run check`.

import { availableParallelism } from "node:os";
import { runSteps } from "./steps.ts";
import type { Step, StepResult } from "./steps.ts";

const bun = process.execPath;

/** Every check, the longest first, so that they fit best side by side. */
const checks: readonly Step[] = [
  {
    name: "format",
    // The cache goes by content, so that a fresh clone and an old one judge alike.
    command: [
      "node_modules/.bin/prettier",
      "--check",
      "--log-level=warn",
      "--cache",
      "--cache-strategy=content",
      ".",
    ],
  },
  {
    name: "lint",
    command: [
      "node_modules/.bin/oxlint",
      "--type-aware",
      "--deny-warnings",
      "--report-unused-disable-directives",
    ],
  },
  { name: "dead code", command: ["node_modules/.bin/knip", "--no-progress"] },
  { name: "types", command: ["node_modules/.bin/tsc", "-b", "--noEmit"] },
  { name: "floors", command: [bun, "scripts/check-floors.ts"] },
  { name: "documents", command: [bun, "scripts/check-docs.ts"] },
  { name: "generated documents", command: [bun, "scripts/generate-docs.ts", "--check"] },
];

/** Runs every check and prints a line for each, with the output of those that fail. */
export function runChecks(): Promise<readonly StepResult[]> {
  return runSteps(checks, availableParallelism(), printResult);
}

function printResult({ name, hasPassed, seconds, output }: StepResult): void {
  const verdict = hasPassed ? "ok  " : "FAIL";
  process.stdout.write(`${verdict} ${name} ${seconds.toFixed(1)} s\n`);
  if (!hasPassed) process.stdout.write(`${output.trim().replaceAll(/^/gm, "     ")}\n`);
}

if (import.meta.main) {
  const results = await runChecks();
  process.exitCode = results.every(({ hasPassed }) => hasPassed) ? 0 : 1;
}
