// Counts of passed, failed and skipped tests, read from the JUnit report that `bun test` writes.

/** How many tests ended how. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * The counts of a run. A run that wrote no report, ran no test, or ended badly without a failed test (a file that does not
 * load is in no report) counts as one failure.
 */
export function countTests(junit: string | undefined, exitCode: number): TestCounts {
  const tests = readCount(junit, "tests");
  const failures = readCount(junit, "failures");
  const skipped = readCount(junit, "skipped");
  const isUntold = tests === 0 || (exitCode !== 0 && failures === 0);
  return {
    passed: tests - failures - skipped,
    failed: failures + (isUntold ? 1 : 0),
    skipped,
  };
}

function readCount(junit: string | undefined, name: string): number {
  const [head = ""] = /<testsuites [^>]*>/.exec(junit ?? "") ?? [];
  const [, count = "0"] = new RegExp(` ${name}="(\\d+)"`).exec(head) ?? [];
  return Number(count);
}

/** The sum, part by part. */
export function addCounts(all: readonly TestCounts[]): TestCounts {
  return all.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** The last line of a run: `N passed, N failed, N skipped`. */
export function formatCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Counts of something that either went well or did not. */
export function verdict(hasPassed: boolean): TestCounts {
  return { passed: hasPassed ? 1 : 0, failed: hasPassed ? 0 : 1, skipped: 0 };
}
