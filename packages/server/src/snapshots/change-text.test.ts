// Tests of making a manifest out of an earlier one.
import { describe, expect, test } from "bun:test";
import {
  comparePaths,
  FetchmlError,
  manifestChangeText,
  type ManifestChange,
  type ManifestEntry,
} from "@fetchml/protocol";
import * as fc from "fast-check";
import { changeText, parseChange, type ChangedText } from "./change-text.ts";
import { checkManifest } from "./check-manifest.ts";
import { inTurns } from "./in-turns.ts";
import { fileEntry, sha256, textOf } from "./snapshots.fixture.ts";
import { DEFAULT_SNAPSHOT_LIMITS } from "./snapshots.ts";
import { weighText } from "./weigh-text.ts";

const name = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "A",
    "a.py",
    "a b",
    'q"u',
    "{",
    ',{"kind":"',
    "ä",
    "日本",
    "\u{10000}",
    "\uffee",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 6 }),
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const entry: fc.Arbitrary<ManifestEntry> = fc.oneof(
  fc
    .tuple(path, fc.string({ maxLength: 3 }), fc.boolean())
    .map(([at, content, executable]) => fileEntry(at, content, executable)),
  fc
    .tuple(path, path)
    .map(([at, target]): ManifestEntry => ({ kind: "symlink", path: at, target })),
);
const tree = fc
  .uniqueArray(entry, { selector: (one) => one.path, maxLength: 30 })
  .map((entries) => entries.toSorted((a, b) => comparePaths(a.path, b.path)));

function changeOf(base: readonly ManifestEntry[], after: readonly ManifestEntry[]): ManifestChange {
  const texts = new Map(base.map((one) => [one.path, JSON.stringify(one)]));
  const paths = new Set(after.map((one) => one.path));
  return {
    version: 1,
    base: sha256(textOf(...base)),
    snapshot: sha256(textOf(...after)),
    removed: base.flatMap((one) => (paths.has(one.path) ? [] : [one.path])),
    entries: after.filter((one) => texts.get(one.path) !== JSON.stringify(one)),
  };
}

const apply = (base: string, change: ManifestChange): Promise<ChangedText | null> =>
  inTurns(changeText(base, parseChange(manifestChangeText(change))));

async function problemOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  return error instanceof FetchmlError ? `${error.code}: ${error.message}` : "taken";
}

describe("changeText()", () => {
  test("makes of any tree any other, to the byte", async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, async (before, fresh) => {
        // Half of it stays, or all trees would be wholly new.
        const kept = before.filter((_, index) => index % 2 === 0);
        const known = new Set(kept.map((one) => one.path));
        const after = [...kept, ...fresh.filter((one) => !known.has(one.path))].toSorted((a, b) =>
          comparePaths(a.path, b.path),
        );
        const made = await apply(textOf(...before), changeOf(before, after));
        expect(made?.text).toBe(textOf(...after));
        const shape = (entries: readonly ManifestEntry[]) =>
          entries.map((one) => [one.kind, one.path, one.kind === "symlink" ? one.target : ""]);
        if (made?.isInPlace === true) expect(shape(after)).toEqual(shape(before));
      }),
      { numRuns: 300 },
    );
  });

  test("tells where nothing but contents differ", async () => {
    const link = { kind: "symlink", path: "l", target: "a" } as const;
    const before = [fileEntry("a", "1"), fileEntry("b", "2"), link];
    const isInPlace = async (...after: readonly ManifestEntry[]) =>
      (await apply(textOf(...before), changeOf(before, after)))?.isInPlace;
    expect(await isInPlace(fileEntry("a", "one", true), fileEntry("b", "2"), link)).toBeTrue();
    expect(await isInPlace(fileEntry("a", "1"), link)).toBeFalse();
    expect(await isInPlace(...before, fileEntry("m", ""))).toBeFalse();
    expect(await isInPlace(fileEntry("a", "1"), { ...link, path: "b" }, link)).toBeFalse();
    expect(
      await isInPlace(fileEntry("a", "1"), fileEntry("b", "2"), fileEntry("l", "")),
    ).toBeFalse();
    expect(
      await isInPlace(before[0] ?? link, before[1] ?? link, { ...link, target: "b" }),
    ).toBeFalse();
  });

  test("gives up on a base that is no manifest", async () => {
    const change = changeOf([], [fileEntry("b", "")]);
    for (const base of [
      '{"version":1,"entries":[{"kind":"device"}]}',
      '{"version":1,"entries":["a","b"]}',
    ]) {
      expect(await apply(base, change)).toBeNull();
    }
  });

  test("refuses the removal of what is not there, and paths that stand twice", async () => {
    const base = textOf(fileEntry("a/b", ""));
    const change = changeOf([fileEntry("a/b", "")], [fileEntry("a/b", "")]);
    const gone = (...removed: readonly string[]) =>
      problemOf(apply(base, { ...change, removed: [...removed] }));
    for (const none of ["a", "a/", "a/b/", "a/bb", "b", "A/b", "..", "\0"]) {
      expect(await gone(none)).toContain("bad-content");
    }
    expect(await gone("a/b", "a/b")).toContain("stands twice");
    const entries = [fileEntry("a/b", "1"), fileEntry("a/b", "2")];
    expect(await problemOf(apply(base, { ...change, entries }))).toContain("stands twice");
    expect(
      await problemOf(apply(base, { ...change, removed: ["a/b"], entries: entries.slice(1) })),
    ).toContain("stands twice");
    expect(await problemOf(apply(base, { ...change, entries: entries.slice(1) }))).toBe("taken");
  });
});

describe("parseChange()", () => {
  const text = manifestChangeText(changeOf([], [fileEntry("a", "")]));

  test("refuses what has another form or is too long", () => {
    const bad = [
      text.slice(0, -1),
      `${text} }`,
      text.replace('"version":1', '"version":2'),
      text.replace('"removed":[]', '"removed":["a",7]'),
      text.replace('"removed":[]', '"removed":[""]'),
      text.replace('"kind":"file"', '"kind":"device"'),
      text.replace('"size_bytes":0', '"size_bytes":-1'),
      text.replace('"size_bytes":0', '"size_bytes":1e99'),
      text.replace(sha256(""), `../${"a".repeat(61)}`),
      text.replace('"removed":[]', `"removed":["${"x".repeat(1024 ** 2)}"]`),
      text.replace("[]", "[".repeat(500_000)),
    ];
    for (const one of bad) expect(() => parseChange(one)).toThrow(FetchmlError);
    expect(parseChange(text).entries).toHaveLength(1);
  });
});

describe("weighText()", () => {
  test("weighs a manifest as the check of it does", async () => {
    const LIMITS = { ...DEFAULT_SNAPSHOT_LIMITS, entries: Infinity };
    await fc.assert(
      fc.asyncProperty(tree, async (entries) => {
        const text = textOf(...entries);
        const weight = await inTurns(weighText(text));
        const sizes = entries.map((one) => (one.kind === "file" ? one.size_bytes : 0));
        expect(weight.entries).toBe(entries.length);
        expect(weight.largestBytes).toBe(Math.max(0, ...sizes));
        const checked = await checkManifest(text, LIMITS).catch(() => null);
        // Most trees made at random are refused for their names.
        if (checked !== null)
          expect(weight).toMatchObject({
            fileCount: checked.fileCount,
            totalBytes: checked.totalBytes,
          });
        expect(weight.totalBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
      }),
    );
  });
});
