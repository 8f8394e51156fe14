// Accounts of jobs: one for each user for ever, or one for each attempt that has not ended.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountOf, takeAccount } from "./job-accounts.ts";

const range = { first: 60_000, count: 4 };
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "fetchml-accounts-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function take(name: string, userId = 1) {
  const control = join(dataDir, name);
  mkdirSync(control, { recursive: true });
  return takeAccount(range, { dataDir, control, userId });
}

test("accountOf() gives each user one, until the range is used up", () => {
  expect(accountOf(range, 3)).toEqual({ uid: 60_003, gid: 60_003, isLasting: true });
  expect(() => accountOf(range, 4)).toThrow("job_uids");
});

test("takeAccount() gives each living attempt one of its own, with the group of its user", () => {
  const taken = ["a", "b", "c", "d"].map((name) => take(name, 2));
  expect(new Set(taken.map(({ uid }) => uid))).toEqual(new Set([60_000, 60_001, 60_002, 60_003]));
  expect(new Set(taken.map(({ gid }) => gid))).toEqual(new Set([60_002]));
  expect(() => take("e")).toThrow("no account left");
  expect(take("c", 2)).toEqual(taken.at(2) ?? accountOf(range, 0));
});

test("takeAccount() takes again what an attempt that has ended had", () => {
  const taken = ["a", "b", "c", "d"].map((name) => take(name));
  writeFileSync(join(dataDir, "b/exit"), "exited 0\n");
  expect(take("e").uid).toBe(taken[1]?.uid ?? 0);
});
