// Tests of reading and writing lengths of time.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatDuration, parseDuration } from "./quantity-duration.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("parseDuration()", () => {
  test("reads numbers with units, largest first", () => {
    const cases: Readonly<Record<string, number>> = {
      "6h": 6 * HOUR,
      "90m": 90 * MINUTE,
      "1d12h": 36 * HOUR,
      "45s": 45_000,
      "500ms": 500,
      "180d": 180 * DAY,
      "2w": 14 * DAY,
      "2h 05m": 125 * MINUTE,
      " 1d 2h 3m 4s 5ms ": DAY + 2 * HOUR + 3 * MINUTE + 4005,
      "1.5h": 90 * MINUTE,
      "5 m": 5 * MINUTE,
      "0.1s": 100,
      "0": 0,
      "0s": 0,
    };
    for (const [text, ms] of Object.entries(cases)) expect(parseDuration(text)).toBe(ms);
  });

  test("answers null for any other text", () => {
    const words =
      "6 h -6h +6h 6H 6x never 1h1h 1m1h h6 6h,5m 1e3s .5h 5.h 1..5h 0x10s ٣h NaNs Infinitys";
    const tooLarge = ["9007199254740993ms", "99999999999999w", `${"9".repeat(100_000)}s`];
    const odd = ["", " ", "6 hours", "6h\u0000", `${" ".repeat(100_000)}x`];
    for (const text of [...words.split(" "), ...tooLarge, ...odd]) {
      expect(parseDuration(text)).toBeNull();
    }
  });

  test("gives null or whole safe milliseconds for any text", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.wdhms ]{0,12}$/), (text) => {
        const ms = parseDuration(text);
        expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("formatDuration()", () => {
  test("writes the two largest units, cut off, without a second unit of zero", () => {
    const cases: readonly (readonly [number, string])[] = [
      [0, "0s"],
      [0.7, "0s"],
      [-0.7, "0s"],
      [350, "350ms"],
      [999.9, "999ms"],
      [12_999, "12s"],
      [59_999, "59s"],
      [90_000, "1m 30s"],
      [65_000, "1m 05s"],
      [2 * HOUR + 5 * MINUTE + 59_999, "2h 05m"],
      [6 * HOUR, "6h"],
      [DAY - 1, "23h 59m"],
      [3 * DAY + 4 * HOUR, "3d 4h"],
      [180 * DAY, "180d"],
      [-12_000, "-12s"],
      [Number.NaN, "?"],
      [Infinity, "?"],
    ];
    for (const [ms, text] of cases) expect(formatDuration(ms)).toBe(text);
  });

  test("is read back by parseDuration() as what it shows", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(52), (large, bits) => {
        const ms = Math.floor(large / 2 ** bits);
        const read = parseDuration(formatDuration(ms)) ?? -1;
        const unit = ms < 1000 ? 1 : ms < HOUR ? 1000 : ms < DAY ? MINUTE : HOUR;
        expect(read).toBe(ms - (ms % unit));
        expect(formatDuration(read)).toBe(formatDuration(ms));
      }),
      { numRuns: 2000 },
    );
  });
});
