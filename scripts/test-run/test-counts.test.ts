// Shows how the counts of a run are read, and that a run which says nothing has failed.

import { expect, test } from "bun:test";
import { addCounts, countTests, formatCounts, verdict } from "./test-counts.ts";

function report(tests: number, failures: number, skipped: number): string {
  const counts = `tests="${tests}" assertions="9" failures="${failures}" skipped="${skipped}"`;
  return `<?xml version="1.0"?>\n<testsuites name="bun test" ${counts} time="0.1">\n<testsuite tests="99">`;
}

test("countTests() reads the counts of the whole run", () => {
  expect(countTests(report(10, 2, 3), 1)).toEqual({ passed: 5, failed: 2, skipped: 3 });
  expect(countTests(report(10, 0, 3), 0)).toEqual({ passed: 7, failed: 0, skipped: 3 });
});

test("countTests() counts a bad end without a failed test as one failure", () => {
  expect(countTests(report(10, 0, 0), 1)).toEqual({ passed: 10, failed: 1, skipped: 0 });
});

test("countTests() fails a run without tests or without a report", () => {
  expect(countTests(report(0, 0, 0), 0).failed).toBe(1);
  expect(countTests(undefined, 0).failed).toBe(1);
  expect(countTests("", 1).failed).toBe(1);
});

test("formatCounts() makes the last line of the sum", () => {
  const sum = addCounts([verdict(true), verdict(false), { passed: 3, failed: 0, skipped: 2 }]);
  expect(formatCounts(sum)).toBe("4 passed, 1 failed, 2 skipped");
});
