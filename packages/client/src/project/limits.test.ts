// Tests of the limits that hold for a project which says nothing of them.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { checkLimits, limitsOf, type Weighed } from "./limits.ts";

const MIB = 1024 ** 2;
const file = (path: string, sizeBytes: number): Weighed => ({ path, stamp: { sizeBytes } });

function problemOf(files: readonly Weighed[]): string {
  try {
    checkLimits("/project", files, limitsOf(null));
    return "taken";
  } catch (error) {
    if (error instanceof FetchmlError) return error.message.split("\n")[0] ?? "";
    throw error;
  }
}

describe("a project without limits of its own", () => {
  test("may have 50 MiB in a file, and no more", () => {
    expect(problemOf([file("a", 50 * MIB)])).toBe("taken");
    expect(problemOf([file("a", 50 * MIB + 1)])).toContain("a file of it is larger than 50 MiB");
  });

  test("may have 200 MiB in all, and no more", () => {
    const four = ["a", "b", "c", "d"].map((path) => file(path, 50 * MIB));
    expect(problemOf(four)).toBe("taken");
    expect(problemOf([...four, file("e", 1)])).toContain("200 MiB is the limit");
  });

  test("may have 50,000 files, and no more", () => {
    const files = Array.from({ length: 50_000 }, (_, i) => file(`f${i}`, 0));
    expect(problemOf(files)).toBe("taken");
    expect(problemOf([...files, file("one-more", 0)])).toContain("more than 50,000 files");
  });
});
