// Tests of manifests that wait for what was missing of them.
import { afterEach, describe, expect, test } from "bun:test";
import { AskedManifests } from "./asked-manifests.ts";

let now = 0;
let asked = new AskedManifests(() => now);
afterEach(() => {
  asked.close();
  now = 0;
  asked = new AskedManifests(() => now);
});

const manifest = (id: string, length = 3) => ({
  id,
  text: "x".repeat(length),
  fileCount: 1,
  totalBytes: 1,
});

describe("AskedManifests", () => {
  test("hands a manifest out when the last of what was missing has come, once", () => {
    asked.remember(1, manifest("a"), ["h1", "h2"]);
    asked.arrived(1, ["h2", "other"]);
    expect(asked.takeWhole(1, "a")).toBeNull();
    asked.arrived(1, ["h1"]);
    expect(asked.takeWhole(1, "b")).toBeNull();
    expect(asked.takeWhole(1, "a")).toEqual(manifest("a"));
    expect(asked.takeWhole(1, "a")).toBeNull();
  });

  test("counts for a user only what that user has sent", () => {
    asked.remember(1, manifest("a"), ["h1"]);
    asked.remember(2, manifest("a"), ["h1"]);
    asked.arrived(2, ["h1"]);
    expect(asked.takeWhole(1, "a")).toBeNull();
    expect(asked.takeWhole(2, "a")).not.toBeNull();
  });

  test("believes what was said last of a manifest", () => {
    asked.remember(1, manifest("a"), ["h1"]);
    asked.arrived(1, ["h1"]);
    // Shown once more: by then one of its files was gone.
    asked.remember(1, manifest("a"), ["h2"]);
    expect(asked.takeWhole(1, "a")).toBeNull();
  });

  test("forgets what was shown half an hour ago: what was there then may be gone", () => {
    asked.remember(1, manifest("a"), ["h1"]);
    asked.arrived(1, ["h1"]);
    now = 1_800_000;
    expect(asked.takeWhole(1, "a")).toBeNull();
  });

  test("holds no more than so many characters, the newest", () => {
    const length = 30 * 1024 ** 2;
    for (const id of ["a", "b", "c"]) asked.remember(1, manifest(id, length), []);
    expect(["a", "b", "c"].map((id) => asked.takeWhole(1, id) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });
});
