// Tests of which words name a job.
import { describe, expect, test } from "bun:test";
import { FetchmlError, RESERVED_JOB_NAMES } from "@fetchml/protocol";
import { asksForQueue, checkJobName } from "./job-name.ts";

describe("checkJobName()", () => {
  test("names the right verb for every reserved word", () => {
    for (const [word, verb] of Object.entries(RESERVED_JOB_NAMES)) {
      expect(() => checkJobName(word)).toThrow(`Did you mean "${verb ?? "ml queue"}"?`);
    }
  });

  test("refuses names with spaces, slashes and nothing but digits", () => {
    for (const word of ["a b", "../x", "12", "", "-x", "x".repeat(64), "é"]) {
      expect(() => checkJobName(word)).toThrow(FetchmlError);
    }
    for (const word of ["my-training-job", "A.b_c-1", "1a", "x".repeat(63)]) {
      expect(() => checkJobName(word)).not.toThrow();
    }
  });
});

test("asksForQueue() is so for list and ls alone", () => {
  const words = Object.keys(RESERVED_JOB_NAMES).filter(asksForQueue);
  expect(words.toSorted()).toEqual(["list", "ls"]);
});
