// Shows that every test is in one lane, and that two lanes never start jobs under the same accounts.

import { expect, test } from "bun:test";
import { lanesOf } from "./lanes.ts";

const FILES = [
  "bench/bench.test.ts",
  "e2e/bitwarden/bitwarden.test.ts",
  "e2e/cgroup-vm.test.ts",
  "e2e/exec.test.ts",
  "packages/server/src/executor/escape/escape.test.ts",
  "packages/server/src/queue/claim.test.ts",
  "scripts/steps.test.ts",
];

test("lanesOf() puts each file into one lane", () => {
  const [jobs, rooms, ...more] = lanesOf(FILES);
  expect(more).toEqual([]);
  expect([...(jobs?.files ?? []), ...(rooms?.files ?? [])].toSorted()).toEqual(
    FILES.map((path) => `./${path}`).toSorted(),
  );
});

test("lanesOf() keeps what starts jobs together", () => {
  expect(lanesOf(FILES)[0]?.files).toEqual([
    "./bench/bench.test.ts",
    "./e2e/exec.test.ts",
    "./packages/server/src/executor/escape/escape.test.ts",
  ]);
});
