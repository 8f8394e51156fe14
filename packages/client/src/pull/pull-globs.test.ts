// Which paths patterns fit.
import { describe, expect, test } from "bun:test";
import { compileGlobs, globsWithoutMatch } from "./pull-globs.ts";

const PATHS = ["a.pt", "run.log", "ckpt/b.pt", "ckpt/deep/c.pt", "ckpt/deep/run.log", "ü.pt"];

function fitting(...globs: readonly string[]): readonly string[] {
  return PATHS.filter(compileGlobs(globs));
}

describe("compileGlobs()", () => {
  test("fits everything without a pattern, and what fits any of several", () => {
    expect(fitting()).toEqual(PATHS);
    expect(fitting("a.pt", "ckpt/b.pt")).toEqual(["a.pt", "ckpt/b.pt"]);
  });

  test("fits names at any depth where a pattern has no slash", () => {
    expect(fitting("*.log")).toEqual(["run.log", "ckpt/deep/run.log"]);
    expect(fitting("?.pt")).toEqual(["a.pt", "ckpt/b.pt", "ckpt/deep/c.pt"]);
    expect(fitting("ü.pt")).toEqual(["ü.pt"]);
  });

  test("fits from the top where it has one, before the name or in it", () => {
    for (const glob of ["/*.pt", "./*.pt", ".//*.pt"])
      expect(fitting(glob)).toEqual(["a.pt", "ü.pt"]);
    expect(fitting("ckpt/*.pt")).toEqual(["ckpt/b.pt"]);
    expect(fitting("ckpt/**/*.pt")).toEqual(["ckpt/b.pt", "ckpt/deep/c.pt"]);
    expect(fitting("**/run.log")).toEqual(["run.log", "ckpt/deep/run.log"]);
  });

  test("takes all that is in a folder that it fits", () => {
    for (const glob of ["deep", "deep/", "ckpt/deep", "*/deep"]) {
      expect(fitting(glob)).toEqual(["ckpt/deep/c.pt", "ckpt/deep/run.log"]);
    }
    expect(fitting("/deep")).toEqual([]);
  });

  test("fits nothing by a pattern that is malformed", () => {
    expect(fitting("[a")).toEqual([]);
  });

  test("fits what is named like the pattern, whatever signs it holds", () => {
    for (const name of [
      "a[1].txt",
      "x{y}.txt",
      "what?.txt",
      "[a",
      "a\\b",
      "*",
      "--",
      " ",
      "ü[1]",
    ]) {
      for (const path of [name, `deep/${name}`, `deep/${name}/in`]) {
        expect(compileGlobs([name])(path)).toBe(true);
        expect(compileGlobs([path])(path)).toBe(true);
      }
    }
    expect(compileGlobs(["/a[1].txt"])("deep/a[1].txt")).toBe(false);
  });

  test("takes braces for what they are: those of a shell are gone when it has read them", () => {
    expect(fitting("{a,b}.pt")).toEqual([]);
  });
});

describe("globsWithoutMatch()", () => {
  test("names each pattern that fits nothing once, in their order", () => {
    expect(globsWithoutMatch(["z", "a.pt", "*.zip", "deep", "z", "ü.*"], PATHS)).toEqual([
      "z",
      "*.zip",
    ]);
    expect(globsWithoutMatch([], PATHS)).toEqual([]);
    expect(globsWithoutMatch(["a"], [])).toEqual(["a"]);
  });
});
