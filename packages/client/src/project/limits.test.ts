// Tests of the limits that hold for a project which says nothing of them.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { checkLimits, type Weighed } from "./check-limits.ts";
import { limitsOf } from "./limits.ts";

const MIB = 1024 ** 2;
const file = (path: string, sizeBytes: number): Weighed => ({ path, stamp: { sizeBytes } });

function problemOf(files: readonly Weighed[]): string {
  try {
    checkLimits("/project", files, limitsOf(null));
    return "taken";
  } catch (error) {
    if (error instanceof FetchmlError) return error.message;
    throw error;
  }
}

describe("a size that reads like the limit it is over", () => {
  test("is told to the byte, and so is the limit", () => {
    const two = problemOf([file("a", 50 * MIB + 1), file("b", 60 * MIB)]);
    expect(two).toContain("larger than 52,428,800 bytes (max_file_size in ml.toml)");
    expect(two).toContain("Largest: b (60 MiB), a (52,428,801 bytes).");
    const whole = problemOf(["a", "b", "c", "d", "e"].map((path) => file(path, 40 * MIB + 1)));
    expect(whole).toContain("it has 209,715,205 bytes, and 209,715,200 bytes is the limit");
  });
});

describe("a project without limits of its own", () => {
  test("may have 50 MiB in a file, and no more", () => {
    expect(problemOf([file("a", 50 * MIB)])).toBe("taken");
    expect(problemOf([file("a", 51 * MIB)])).toContain("a file of it is larger than 50 MiB");
    expect(problemOf([file("a", 50 * MIB + 1)])).not.toBe("taken");
  });

  test("may have 200 MiB in all, and no more", () => {
    const four = ["a", "b", "c", "d"].map((path) => file(path, 50 * MIB));
    expect(problemOf(four)).toBe("taken");
    expect(problemOf([...four, file("e", MIB)])).toContain("200 MiB is the limit");
    expect(problemOf([...four, file("e", 1)])).not.toBe("taken");
  });

  test("may have 50,000 files, and no more", () => {
    const files = Array.from({ length: 50_000 }, (_, i) => file(`f${i}`, 0));
    expect(problemOf(files)).toBe("taken");
    expect(problemOf([...files, file("one-more", 0)])).toContain("more than 50,000 files");
  });

  test("may have 50,000 folders, and no more", () => {
    const files = Array.from({ length: 500 }, (_, i) =>
      file(`${"x/".repeat(20)}${1000 + i}/${"y/".repeat(98)}f`, 0),
    );
    expect(problemOf(files)).toBe("taken");
    const more = problemOf([...files, file(`z/${"z/".repeat(500)}f`, 0)]);
    expect(more).toContain("it has more than 50,000 folders (max_files in ml.toml)");
    expect(more).toContain("Largest: x/");
    expect(more).toContain("add a line to .mlignore, such as: /x/");
  });
});
