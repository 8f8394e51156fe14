// Tests of the strict key format: making, reading and hashing.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { API_KEY_ALPHABET } from "./api-key-alphabet.ts";
import { hashApiKey } from "./api-key-hash.ts";
import { anyKey, sampleKey, seededBytes, TEST_VECTOR, withCharacter } from "./api-key-samples.ts";
import {
  API_KEY_LENGTH,
  API_KEY_PATTERN,
  API_KEY_PREFIX,
  generateApiKey,
  generateKeyId,
  keyIdOf,
  parseApiKey,
} from "./api-key.ts";

describe("parseApiKey()", () => {
  test("accepts the test vector and names its id", () => {
    expect(parseApiKey(TEST_VECTOR.key)).toEqual({ ok: true, id: TEST_VECTOR.id });
  });

  test("refuses every other spelling of a right key", () => {
    const key = sampleKey(1);
    const spellings = [
      key.toUpperCase(),
      `${key}\n`,
      ` ${key}`,
      `${key} `,
      key.slice(API_KEY_PREFIX.length),
      key.replace("_", "-"),
      `${key.slice(0, 12)}-${key.slice(12)}`,
      `\u0000${key}`,
    ];
    for (const text of spellings) expect(parseApiKey(text)).toEqual({ ok: false, problem: "form" });
  });

  test("tells a wrong checksum from a wrong form", () => {
    const key = sampleKey(2);
    const other = key.endsWith("q") ? "p" : "q";
    expect(parseApiKey(withCharacter(key, 43, other))).toEqual({ ok: false, problem: "checksum" });
    expect(parseApiKey(withCharacter(key, 43, "u"))).toEqual({ ok: false, problem: "form" });
  });

  test("accepts no text but what has the strict form", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        expect(parseApiKey(text).ok).toBe(false);
      }),
    );
  });

  test("answers for 1,000,000 symbols", () => {
    const text = API_KEY_PREFIX + "0".repeat(1_000_000);
    expect(parseApiKey(text)).toEqual({ ok: false, problem: "form" });
  });
});

describe("generateApiKey()", () => {
  test("makes keys that have the strict form, parse and carry the given id", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(key).toMatch(API_KEY_PATTERN);
        expect(key).toHaveLength(API_KEY_LENGTH);
        expect(parseApiKey(key)).toEqual({ ok: true, id: key.slice(8, 12) });
      }),
    );
  });

  test("uses the low five bits of every byte it drew", () => {
    const key = generateApiKey({
      id: "zzzz",
      randomBytes: (count) => Uint8Array.from({ length: count }, (_, place) => 224 + place),
    });
    expect(key.slice(12, 38)).toBe(API_KEY_ALPHABET.slice(0, 26));
  });

  test("refuses a source that gives too few bytes", () => {
    expect(() => generateApiKey({ id: "kpaz", randomBytes: tooFewBytes })).toThrow(RangeError);
    expect(() => generateKeyId(tooFewBytes)).toThrow(RangeError);
  });

  test("refuses what is not a key id, without repeating it", () => {
    for (const id of ["", "kpa", "kpazx", "KPAZ", "kpau", "kpa\n"]) {
      const make = () => generateApiKey({ id, randomBytes: seededBytes(3) });
      expect(make).toThrow("A key id is four symbols of the key alphabet");
    }
  });

  test("makes 100,000 keys without a duplicate and with uniform symbols", () => {
    const randomBytes = seededBytes(20_260_101);
    const keys = new Set<string>();
    const counts = new Map<string, number>();
    for (let made = 0; made < 100_000; made++) {
      const key = generateApiKey({ id: generateKeyId(randomBytes), randomBytes });
      keys.add(key);
      for (const symbol of key.slice(8)) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    }
    expect(keys.size).toBe(100_000);
    expect([...counts.keys()].toSorted().join("")).toBe(API_KEY_ALPHABET);
    // Chi-square with 31 degrees of freedom: above 100 by chance in fewer than one of 10^8 seeds, and this one is fixed.
    const expected = (100_000 * 36) / 32;
    const chiSquare = [...counts.values()].reduce(
      (sum, seen) => sum + (seen - expected) ** 2 / expected,
      0,
    );
    expect(chiSquare).toBeLessThan(100);
  });
});

describe("keyIdOf()", () => {
  test("names a key whose checksum is wrong, and nothing that is not of the form", () => {
    const key = sampleKey(4);
    const mistyped = withCharacter(key, 30, key.charAt(30) === "q" ? "p" : "q");
    expect(keyIdOf(mistyped)).toBe(key.slice(8, 12));
    expect(keyIdOf(key.slice(1))).toBeUndefined();
    expect(keyIdOf(`${key}0`)).toBeUndefined();
    expect(keyIdOf(key.toUpperCase())).toBeUndefined();
  });
});

describe("hashApiKey()", () => {
  test("is the SHA-256 of the test vector, as sha256sum prints it", () => {
    expect(hashApiKey(TEST_VECTOR.key)).toBe(TEST_VECTOR.hash);
  });

  test("differs for another spelling of the same key", () => {
    expect(hashApiKey(TEST_VECTOR.key.toUpperCase())).not.toBe(TEST_VECTOR.hash);
    expect(hashApiKey(`${TEST_VECTOR.key}\n`)).not.toBe(TEST_VECTOR.hash);
  });
});

function tooFewBytes(count: number): Uint8Array {
  return new Uint8Array(count - 1);
}
