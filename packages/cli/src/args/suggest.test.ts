// Tests of the words that somebody may have meant.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { didYouMean, editDistance, nearWords } from "./suggest.ts";

const VERBS = ["queue", "status", "list", "cancel", "logs", "login", "logout", "release", "run"];

describe("editDistance()", () => {
  test("counts a swap of neighbours as one", () => {
    expect(editDistance("stauts", "status")).toBe(1);
    expect(editDistance("", "abc")).toBe(3);
    expect(editDistance("kitten", "sitting")).toBe(3);
  });

  test("is symmetric, and zero only for equal words", () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c") });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe("nearWords()", () => {
  test("finds mistyped and broken-off words, the nearest first", () => {
    expect(nearWords("stauts", VERBS)).toEqual(["status"]);
    expect(nearWords("que", VERBS)).toEqual(["queue"]);
    expect(nearWords("canel", VERBS)).toEqual(["cancel"]);
    expect(nearWords("logn", VERBS)).toEqual(["logs", "login"]);
    expect(nearWords("QUEUE", VERBS)).toEqual(["queue"]);
  });

  test("finds nothing where nothing is near", () => {
    expect(nearWords("frobnicate", VERBS)).toEqual([]);
    expect(nearWords("x", VERBS)).toEqual([]);
    expect(nearWords("q".repeat(100_000), VERBS)).toEqual([]);
  });
});

test("didYouMean() says nothing for no words", () => {
  expect(didYouMean([])).toBe("");
  expect(didYouMean(["a", "b"])).toBe(' Did you mean "a" or "b"?');
});
