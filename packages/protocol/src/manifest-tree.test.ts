// Tests of what a list of files takes to be checked as a tree.
import { describe, expect, test } from "bun:test";
import { NEW_TREE, STORED_TREE } from "./manifest-rules.ts";
import { manifestTreeProblem, manifestTreeSteps } from "./manifest-tree.ts";
import type { ManifestEntry } from "./snapshot.ts";

const file = (path: string): ManifestEntry => ({
  kind: "file",
  path,
  size_bytes: 0,
  hash: "0".repeat(64),
  executable: false,
});

/** So many paths of some 4,090 bytes with 2,041 folders each, none of which two of them share. */
const deepPaths = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    file(`${String(n).padStart(5, "0")}/${"X/".repeat(2041)}f`),
  );

describe("manifestTreeSteps()", () => {
  test("takes work and memory in proportion to the text of the paths, however many folders they stand for", () => {
    // Once 9 GB and a minute.
    expect(manifestTreeProblem(deepPaths(2000), STORED_TREE)).toBeNull();
  });

  test("pauses by the text that was looked at, not by entries", () => {
    const steps = manifestTreeSteps(deepPaths(100), STORED_TREE);
    let pauses = 0;
    while (steps.next().done !== true) pauses += 1;
    expect(pauses).toBeGreaterThan(30);
  });

  test("ends at the first folder too many", () => {
    const rules = { ...STORED_TREE, folders: 2042 };
    expect(manifestTreeProblem(deepPaths(1), rules)).toBeNull();
    expect(manifestTreeProblem(deepPaths(2), rules)).toEqual({
      why: "it has more than 2042 folders",
      isTooLarge: true,
    });
  });

  test("names a very long path by its beginning and its end", () => {
    const problem = manifestTreeProblem(deepPaths(1), NEW_TREE);
    expect(problem?.why).toStartWith('the path "00000/X/X/');
    expect(problem?.why).toEndWith('X/X/f" is longer than 3072 bytes');
    expect(problem?.why.length).toBeLessThan(300);
  });
});
