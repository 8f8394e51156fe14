// Tests of points in time as people type them.
import { describe, expect, test } from "bun:test";
import { parseBegin, parseSince } from "./moment.ts";

const HOUR = 3_600_000;
const NOON = new Date(2026, 10, 22, 12, 0, 0).getTime();

describe("parseBegin()", () => {
  test("takes a clock time for the next time the clock shows it", () => {
    expect(parseBegin("22:00", NOON)).toBe(new Date(2026, 10, 22, 22).getTime());
    expect(parseBegin("12:00", NOON)).toBe(new Date(2026, 10, 23, 12).getTime());
    expect(parseBegin("8:30", NOON)).toBe(new Date(2026, 10, 23, 8, 30).getTime());
  });

  test("reads days and moments, in local time unless a zone follows", () => {
    expect(parseBegin("2026-12-01", NOON)).toBe(new Date(2026, 11, 1).getTime());
    expect(parseBegin("2026-12-01T08:00", NOON)).toBe(new Date(2026, 11, 1, 8).getTime());
    expect(parseBegin("2026-12-01 08:00:30", NOON)).toBe(new Date(2026, 11, 1, 8, 0, 30).getTime());
    expect(parseBegin("2026-12-01T08:00Z", NOON)).toBe(Date.UTC(2026, 11, 1, 8));
    expect(parseBegin("2026-12-01T08:00+02:30", NOON)).toBe(Date.UTC(2026, 11, 1, 5, 30));
    expect(parseBegin("2026-12-01T08:00-0100", NOON)).toBe(Date.UTC(2026, 11, 1, 9));
  });

  test("reads a time from now", () => {
    expect(parseBegin("+2h", NOON)).toBe(NOON + 2 * HOUR);
    expect(parseBegin("now", NOON)).toBe(NOON);
  });

  test("answers null for anything else", () => {
    for (const text of ["", "24:00", "7:5", "2026-02-30", "2026-13-01", "2h", "+x", "tomorrow"]) {
      expect(parseBegin(text, NOON)).toBeNull();
    }
  });
});

describe("parseSince()", () => {
  test("looks back", () => {
    expect(parseSince("7d", NOON)).toBe(NOON - 7 * 24 * HOUR);
    expect(parseSince("08:00", NOON)).toBe(new Date(2026, 10, 22, 8).getTime());
    expect(parseSince("22:00", NOON)).toBe(new Date(2026, 10, 21, 22).getTime());
    expect(parseSince("2026-11-01", NOON)).toBe(new Date(2026, 10, 1).getTime());
    expect(parseSince("9999w", NOON)).toBe(0);
    expect(parseSince("yesterday", NOON)).toBeNull();
  });
});
