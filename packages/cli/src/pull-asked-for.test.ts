// What was asked for by its name, and does not come.
import { expect, test } from "bun:test";
import type { PulledItem, PullOutcome } from "@fetchml/client/pull";
import { lacksAskedFor } from "./pull-asked-for.ts";

function lacks(globs: readonly string[], path: string, outcome: PullOutcome = "left-out"): boolean {
  const item: PulledItem = {
    kind: "symlink",
    attempt: 1,
    path,
    local_path: path,
    size_bytes: null,
    outcome,
    why: null,
  };
  return lacksAskedFor(globs, [item]);
}

test("lacksAskedFor() is about names that were typed, as patterns read them", () => {
  expect(lacks(["best.pt"], "best.pt")).toBe(true);
  expect(lacks(["x", "./a/best.pt/"], "a/best.pt")).toBe(true);
  expect(lacks(["best.pt"], "a/best.pt", "gone")).toBe(true);
  expect(lacks(["a[1].pt"], "a[1].pt")).toBe(true);
});

test("lacksAskedFor() is not about what a pattern or a folder has brought along, nor what came", () => {
  for (const glob of ["*.pt", "best.p?", "a", "a/*", "b/best.pt"]) {
    expect(lacks([glob], "a/best.pt")).toBe(false);
  }
  expect(lacks([], "best.pt")).toBe(false);
  for (const outcome of ["pulled", "equal", "growing"] as const) {
    expect(lacks(["best.pt"], "best.pt", outcome)).toBe(false);
  }
});
