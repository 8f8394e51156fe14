// Tests of the words for how a key stands.
import { describe, expect, test } from "bun:test";
import { isKeyEndNear, isKeyOver, keyStateWords, timeLeftWords } from "./key-state.ts";
import type { ApiKey } from "./user.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 86_400_000;

const KEY: ApiKey = {
  id: "kpaz",
  user: "alice",
  label: null,
  created_at: NOW,
  expires_at: null,
  revoked_at: null,
  superseded_by: null,
  valid_until: null,
  pending: false,
  last_used_at: null,
  last_used_address: null,
  last_used_client: null,
};

function words(changes: Partial<ApiKey>): string {
  const shownTime = (at: number) => `day ${(at - NOW) / DAY_MS}`;
  return keyStateWords({ ...KEY, ...changes }, { now: NOW, shownTime });
}

describe("keyStateWords()", () => {
  const later = NOW + DAY_MS;
  const states: readonly (readonly [string, Partial<ApiKey>])[] = [
    ["good, never expires", {}],
    ["good until day 15", { valid_until: NOW + 15 * DAY_MS }],
    ["good until day 14, 14 days left", { valid_until: NOW + 14 * DAY_MS }],
    ["expired day 0", { valid_until: NOW }],
    ["waits for its first use until day 1", { pending: true, valid_until: later }],
    ["never used in time", { pending: true, valid_until: NOW }],
    ["replaced by q7r4, good until day 1", { superseded_by: "q7r4", valid_until: later }],
    ["replaced by q7r4, ended day 0", { superseded_by: "q7r4", valid_until: NOW }],
    ["revoked day 0", { revoked_at: NOW, pending: true, superseded_by: "q7r4" }],
  ];
  for (const [expected, changes] of states) {
    test(`says "${expected}"`, () => {
      expect(words(changes)).toBe(expected);
      expect(isKeyOver({ ...KEY, ...changes }, NOW)).toBe(
        /revoked|expired|ended|never used/.test(expected),
      );
    });
  }
});

test("isKeyEndNear() holds from 14 days before the end until the end", () => {
  const near = (leftMs: number) => isKeyEndNear(NOW + leftMs, NOW);
  expect([14 * DAY_MS + 1, 14 * DAY_MS, 1, 0, -1].map(near)).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
  expect(isKeyEndNear(null, NOW)).toBe(false);
});

test("timeLeftWords() counts a day that has begun as one, and below a day tells hours", () => {
  expect(timeLeftWords(180 * DAY_MS)).toBe("180 days left");
  expect(timeLeftWords(9 * DAY_MS + 1)).toBe("10 days left");
  expect(timeLeftWords(DAY_MS)).toBe("1 day left");
  expect(timeLeftWords(DAY_MS - 1)).toBe("23h 59m left");
  expect(timeLeftWords(-5)).toBe("0s left");
});
