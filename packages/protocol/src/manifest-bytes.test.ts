// Tests of the one way a manifest is written, and of the order of its paths.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { comparePaths, manifestText } from "./manifest-bytes.ts";
import { Manifest, type ManifestEntry } from "./snapshot.ts";

/** Any text of whole characters, those beyond U+FFFF too. */
const anyPath = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });

const anyEntry: fc.Arbitrary<ManifestEntry> = fc.oneof(
  fc.record({
    kind: fc.constant("file" as const),
    path: anyPath,
    size_bytes: fc.nat(),
    hash: fc.stringMatching(/^[0-9a-f]{64}$/),
    executable: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("symlink" as const), path: anyPath, target: anyPath }),
);

describe("manifestText()", () => {
  test("stays what it was in the first release, for old ids must keep naming their trees", () => {
    const hash = "0123456789abcdef".repeat(4);
    const text = manifestText({
      version: 1,
      entries: [
        { kind: "file", path: 'a "b"/ü😀.py', size_bytes: 3, hash, executable: true },
        { kind: "symlink", path: "z", target: "../a" },
      ],
    });
    expect(text).toBe(
      '{"version":1,"entries":[{"kind":"file","path":"a \\"b\\"/ü😀.py","size_bytes":3,' +
        `"hash":"${hash}","executable":true},{"kind":"symlink","path":"z","target":"../a"}]}`,
    );
  });

  test("writes an empty tree too", () => {
    expect(manifestText({ version: 1, entries: [] })).toBe('{"version":1,"entries":[]}');
  });

  test("is JSON of the same manifest", () => {
    fc.assert(
      fc.property(fc.array(anyEntry), (entries) => {
        const manifest = { version: 1 as const, entries };
        expect(Manifest.parse(JSON.parse(manifestText(manifest)))).toEqual(manifest);
      }),
    );
  });

  test("does not depend on the order in which an entry's fields were set, nor on fields unknown to it", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const turned = Object.fromEntries(Object.entries({ more: 1, ...entry }).toReversed());
        const text = manifestText({ version: 1, entries: [entry] });
        // The same entry by construction, but the compiler cannot know it.
        expect(manifestText({ version: 1, entries: [turned as ManifestEntry] })).toBe(text);
      }),
    );
  });
});

describe("comparePaths()", () => {
  test("puts what UTF-8 puts first first, also where UTF-16 would not", () => {
    expect(comparePaths("\u{10000}", "\uFFFD")).toBe(1);
    expect(["\u{10000}", "\uFFFD", "b", "a/b", "a", "a b", "B"].toSorted(comparePaths)).toEqual([
      "B",
      "a",
      "a b",
      "a/b",
      "b",
      "\uFFFD",
      "\u{10000}",
    ]);
  });

  test("is the order of the UTF-8 bytes for any two paths", () => {
    fc.assert(
      fc.property(anyPath, anyPath, (a, b) => {
        expect(Math.sign(comparePaths(a, b))).toBe(byteOrder(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  test("is the order of the bytes also between paths that begin alike", () => {
    fc.assert(
      fc.property(anyPath, anyPath, anyPath, (start, a, b) => {
        expect(Math.sign(comparePaths(start + a, start + b))).toBe(byteOrder(start + a, start + b));
      }),
    );
  });
});

/** Byte by byte, the slow and plain way. */
function byteOrder(a: string, b: string): number {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  for (const [index, byte] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (byte !== other) return Math.sign(byte - other);
  }
  return Math.sign(left.length - right.length);
}
