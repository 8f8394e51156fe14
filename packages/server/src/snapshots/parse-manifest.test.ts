// Tests of reading the canonical text of a manifest.
import { describe, expect, test } from "bun:test";
import { manifestText, type ManifestEntry } from "@fetchml/protocol";
import { Manifest } from "@fetchml/protocol/schemas";
import * as fc from "fast-check";
import { parseManifest } from "./parse-manifest.ts";
import { fileEntry, textOf } from "./snapshots.fixture.ts";

function parsed(text: string): readonly ManifestEntry[] | null {
  const steps = parseManifest(text);
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  } catch {
    return null;
  }
}

const MARKS = ["{", "}", "[", "]", '"', ":", ",", "\\", " ", "0", "a", "\n", "\\u0041"];

const anyText = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
  fc.constantFrom('"', "\\", '\\"', "}", '"},{"', "],", "é", "\ud800", "\u2028", "\u0000", "\n"),
);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes.toHex());
const entry: fc.Arbitrary<ManifestEntry> = fc.oneof(
  fc.record({
    kind: fc.constant("file" as const),
    path: anyText,
    size_bytes: fc.oneof(fc.maxSafeNat(), fc.nat(20)),
    hash,
    executable: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("symlink" as const), path: anyText, target: anyText }),
);
const entries = fc.array(entry, { maxLength: 6 });

describe("parseManifest()", () => {
  test("gives back what manifestText() wrote, whatever the names", () => {
    fc.assert(
      fc.property(entries, (given) => {
        expect(parsed(manifestText({ version: 1, entries: given }))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  test("takes a changed text only where it is what manifestText() makes of it", () => {
    const change = fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...MARKS));
    fc.assert(
      fc.property(entries, change, (given, [at, removed, put]) => {
        const text = manifestText({ version: 1, entries: given });
        const place = at % (text.length + 1);
        const spoilt = text.slice(0, place) + put + text.slice(place + removed);
        const read = parsed(spoilt);
        if (read === null) return;
        expect(manifestText({ version: 1, entries: [...read] })).toBe(spoilt);
      }),
      { numRuns: 2000 },
    );
  });

  test("takes all that the schema and the canonical form allow", () => {
    fc.assert(
      fc.property(entries, (given) => {
        const text = manifestText({ version: 1, entries: given });
        const isManifest = Manifest.safeParse(JSON.parse(text)).success;
        expect(parsed(text) !== null).toBe(isManifest);
      }),
    );
  });

  test("pauses by the text that was read, not by entries", () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      fileEntry(`${n + 100}${"x".repeat(4000)}`, ""),
    );
    const steps = parseManifest(textOf(...many));
    let pauses = 0;
    while (steps.next().done !== true) pauses += 1;
    expect(pauses).toBeGreaterThan(10);
  });

  test("says in which entry the form ends", () => {
    const text = textOf(fileEntry("a", ""), fileEntry("b", "")).replace('"path":"b"', '"Path":"b"');
    const steps = parseManifest(text);
    expect(() => {
      while (steps.next().done !== true);
    }).toThrow("in entry 2");
  });

  test("looks at no string longer than a path may be", () => {
    const long = textOf(fileEntry("x".repeat(1_000_000), ""));
    expect(parsed(long)).toBeNull();
    expect(parsed(textOf(fileEntry("\u0001".repeat(4096), "")))).not.toBeNull();
  });
});
