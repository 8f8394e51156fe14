// Tests of what the checksum notices and of how it locates one wrong symbol.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { API_KEY_ALPHABET, symbolValues } from "./api-key-alphabet.ts";
import { checksumHolds, checksumOf, locateWrongSymbol } from "./api-key-checksum.ts";
import { anyKey, groupsOf, sampleKey } from "./api-key-samples.ts";
import { parseApiKey } from "./api-key.ts";

const BODY = 36;

function bodyOf(key: string): Uint8Array {
  return symbolValues(key.slice(8)) ?? new Uint8Array(0);
}

function isKey(body: string): boolean {
  return parseApiKey(`fetchml_${body}`).ok;
}

// The algorithm as BIP 173 and BIP 350 write it down.
function polymod(values: readonly number[]): number {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let state = 1;
  for (const value of values) {
    const top = state >>> 25;
    state = ((state & 0x1ffffff) << 5) ^ value;
    for (const [bit, term] of generator.entries()) if ((top >>> bit) & 1) state ^= term;
  }
  return state;
}

describe("checksumOf()", () => {
  test("is Bech32m with the human-readable part fetchml", () => {
    const codes = Array.from("fetchml", (letter) => letter.charCodeAt(0));
    const expanded = [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
    fc.assert(
      fc.property(fc.uint8Array({ max: 31, maxLength: 75 }), (payload) => {
        const key = [...expanded, ...payload, ...checksumOf(payload)];
        expect(polymod(key)).toBe(0x2bc830a3);
      }),
    );
  });

  test("closes a payload of any length so that the checksum holds", () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 31, maxLength: 75 }), (payload) => {
        expect(checksumHolds(Uint8Array.from([...payload, ...checksumOf(payload)]))).toBe(true);
      }),
    );
  });
});

describe("the checksum of a key", () => {
  test("notices every single substitution", () => {
    for (const key of [sampleKey(10), sampleKey(11), sampleKey(12)]) {
      const body = key.slice(8);
      for (let place = 0; place < BODY; place++) {
        for (const symbol of API_KEY_ALPHABET) {
          const changed = body.slice(0, place) + symbol + body.slice(place + 1);
          expect(isKey(changed)).toBe(changed === body);
        }
      }
    }
  });

  test("notices any one to four substitutions", () => {
    const changes = fc.uniqueArray(
      fc.record({
        place: fc.integer({ min: 0, max: BODY - 1 }),
        difference: fc.integer({ min: 1, max: 31 }),
      }),
      { minLength: 1, maxLength: 4, selector: (change) => change.place },
    );
    fc.assert(
      fc.property(anyKey, changes, (key, wrong) => {
        const body = bodyOf(key);
        for (const { place, difference } of wrong) body[place] = (body[place] ?? 0) ^ difference;
        expect(checksumHolds(body)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("notices every adjacent transposition", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const body = key.slice(8);
        for (let place = 0; place + 1 < BODY; place++) {
          const [left, right] = [body.charAt(place), body.charAt(place + 1)];
          const changed = body.slice(0, place) + right + left + body.slice(place + 2);
          expect(isKey(changed)).toBe(left === right);
        }
      }),
    );
  });

  test("notices every swap of two groups of four", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        for (let first = 0; first < 9; first++) {
          for (let second = first + 1; second < 9; second++) {
            const groups = groupsOf(key);
            const [left = "", right = ""] = [groups[first], groups[second]];
            expect(isKey(groups.with(first, right).with(second, left).join(""))).toBe(
              left === right,
            );
          }
        }
      }),
    );
  });
});

describe("locateWrongSymbol()", () => {
  test("finds the place of every single substitution", () => {
    const place = fc.integer({ min: 0, max: BODY - 1 });
    fc.assert(
      fc.property(anyKey, place, fc.integer({ min: 1, max: 31 }), (key, wrong, difference) => {
        const body = bodyOf(key);
        body[wrong] = (body[wrong] ?? 0) ^ difference;
        expect(locateWrongSymbol(body)).toBe(wrong);
      }),
      { numRuns: 1000 },
    );
  });

  test("names no place when two or three symbols are wrong, or none", () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: BODY - 1 }), {
      minLength: 2,
      maxLength: 3,
    });
    fc.assert(
      fc.property(anyKey, places, fc.integer({ min: 1, max: 31 }), (key, wrong, difference) => {
        const body = bodyOf(key);
        expect(locateWrongSymbol(body)).toBeUndefined();
        for (const place of wrong) body[place] = (body[place] ?? 0) ^ difference;
        expect(locateWrongSymbol(body)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
