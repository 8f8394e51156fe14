// Tests of reading and writing sizes.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatSize, parseSize } from "./quantity-size.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

describe("parseSize()", () => {
  test("reads bytes and binary units in any case, with and without B", () => {
    const cases: Readonly<Record<string, number>> = {
      "16G": 16 * GIB,
      "512M": 512 * MIB,
      "200 MiB": 200 * MIB,
      "1.5T": 1.5 * TIB,
      "1048576": MIB,
      "100 B": 100,
      "64KB": 64 * KIB,
      "2g": 2 * GIB,
      "3gib": 3 * GIB,
      "1P": 1024 * TIB,
      " 4k ": 4 * KIB,
      "0.3K": 307,
      "0": 0,
    };
    for (const [text, bytes] of Object.entries(cases)) expect(parseSize(text)).toBe(bytes);
  });

  test("answers null for any other text", () => {
    const words =
      "G -1G +1G 1.5 1.5B .5G 5.G 1..5G 1e3 0x10 16Gi 16X 1G1M ٣G NaN Infinity 1E 1KBB 1iB";
    const tooLarge = ["8P", "9007199254740993", "9".repeat(100_000)];
    const odd = ["", " ", "16 G B", "16G\u0000", "16  G", `${" ".repeat(100_000)}x`];
    for (const text of [...words.split(" "), ...tooLarge, ...odd]) {
      expect(parseSize(text)).toBeNull();
    }
  });

  test("gives null or whole safe bytes for any text", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.kKMGTPiB ]{0,12}$/), (text) => {
        const bytes = parseSize(text);
        expect(bytes === null || (Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("formatSize()", () => {
  test("writes one digit after the point, none for a zero, and never 1024 of a unit", () => {
    const cases: readonly (readonly [number, string])[] = [
      [0, "0 B"],
      [-0.2, "0 B"],
      [512, "512 B"],
      [1023, "1023 B"],
      [1024, "1 KiB"],
      [1536, "1.5 KiB"],
      [MIB - 1, "1 MiB"],
      [1.2 * GIB, "1.2 GiB"],
      [16 * GIB, "16 GiB"],
      [1.5 * TIB, "1.5 TiB"],
      [-2 * KIB, "-2 KiB"],
      [Number.MAX_SAFE_INTEGER, "8 PiB"],
      [Number.NaN, "?"],
      [-Infinity, "?"],
    ];
    for (const [bytes, text] of cases) expect(formatSize(bytes)).toBe(text);
  });

  test("is read back by parseSize() within 5 %, and whole multiples of a unit exactly", () => {
    const power = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1023 }),
        power,
        fc.double({ min: 1, max: 1.9, noNaN: true }),
        (whole, exponent, stretch) => {
          const exact = whole * 1024 ** exponent;
          expect(parseSize(formatSize(exact))).toBe(exact);
          const bytes = Math.round(exact * stretch);
          const read = parseSize(formatSize(bytes)) ?? 0;
          expect(Math.abs(read - bytes)).toBeLessThanOrEqual(bytes * 0.05);
          expect(formatSize(read)).toBe(formatSize(bytes));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
