// Tests of the set of hashes.
import { expect, test } from "bun:test";
import { HashSet } from "./hash-set.ts";
import { sha256 } from "./snapshots.fixture.ts";

test("HashSet has what was added, whatever its number, and nothing else", () => {
  const set = new HashSet();
  const added = Array.from({ length: 20_000 }, (_, index) => sha256(`in ${index}`));
  for (const hash of added) set.add(hash);
  for (const hash of added) set.add(hash);
  expect(set.size).toBe(20_000);
  expect(added.every((hash) => set.has(hash))).toBe(true);
  const others = Array.from({ length: 20_000 }, (_, index) => sha256(`out ${index}`));
  expect(others.filter((hash) => set.has(hash))).toEqual([]);
});

test("HashSet takes a hash that begins with zeros for what it is", () => {
  const set = new HashSet();
  const zeros = "0".repeat(64);
  expect(set.has(zeros)).toBe(false);
  set.add(zeros);
  expect(set.has(zeros)).toBe(true);
  expect(set.has(`0${"1".repeat(63)}`)).toBe(false);
});
