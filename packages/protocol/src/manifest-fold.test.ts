// Tests of what spellings of a name have in common.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { foldName, foldPath } from "./manifest-fold.ts";

describe("foldName()", () => {
  test("makes of every letter, its capital and its small letter the same, which stays so", () => {
    const odd: string[] = [];
    for (let code = 0x20; code <= 0x1_ff_ff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const letter = String.fromCodePoint(code);
      const folded = foldName(letter);
      const spellings = [letter.toUpperCase(), letter.toLowerCase(), letter.normalize("NFD")];
      const isSteady = foldName(folded) === folded;
      if (!isSteady || spellings.some((one) => foldName(one) !== folded)) odd.push(letter);
    }
    expect(odd).toEqual([]);
  });

  test("stays what it is when it is folded once more", () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
    const accents = fc.string({
      unit: fc.constantFrom("a", "A", "\u0301", "\u0323", "\u0345", "\u200d", "\u1e9e", ".", " "),
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.oneof(name, accents), (one) => {
        expect(foldName(foldName(one))).toBe(foldName(one));
      }),
      { numRuns: 5000 },
    );
  });

  test("makes a name of every name", () => {
    for (const name of ["...", " ", "\u200d", ". ."]) expect(foldName(name)).toBe(" ");
    expect(foldName("a. b .")).toBe("a. b");
  });
});

test("foldPath() folds each name", () => {
  const names = fc.constantFrom(
    "A",
    "a.",
    "...",
    "Ab.C",
    ".x",
    "b ",
    "d e",
    "\u00c9",
    ".",
    "..",
    "",
  );
  fc.assert(
    fc.property(fc.array(names, { minLength: 1 }), (parts) => {
      const isName = (part: string) => !["", ".", ".."].includes(part);
      const folded = parts.map((part) => (isName(part) ? foldName(part) : part));
      expect(foldPath(parts.join("/"))).toBe(folded.join("/"));
    }),
    { numRuns: 2000 },
  );
});

test("foldPath() keeps the parts that lead nowhere or up", () => {
  expect(foldPath("../A././/B /...")).toBe("../a/.//b/ ");
});
