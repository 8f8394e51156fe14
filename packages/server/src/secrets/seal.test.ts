// Tests of encrypting small values.
import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { open, seal, SEAL_KEY_BYTES } from "./seal.ts";

const key = randomBytes(SEAL_KEY_BYTES);
const value = Buffer.from("hunter2 ünïcode");

describe("open()", () => {
  test("gives back what was sealed, the empty value too", () => {
    expect(open(key, "alice/TOKEN", seal(key, "alice/TOKEN", value))).toEqual(value);
    expect(open(key, "a/B", seal(key, "a/B", Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
  });

  test("gives nothing for another key or another context", () => {
    const sealed = seal(key, "alice/TOKEN", value);
    expect(open(randomBytes(SEAL_KEY_BYTES), "alice/TOKEN", sealed)).toBeNull();
    expect(open(key, "bob/TOKEN", sealed)).toBeNull();
  });

  test("gives nothing when any one bit was changed or anything cut off", () => {
    const sealed = seal(key, "alice/TOKEN", value);
    for (let at = 0; at < sealed.length * 8; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect([at, open(key, "alice/TOKEN", changed)]).toEqual([at, null]);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(open(key, "alice/TOKEN", sealed.subarray(0, length))).toBeNull();
    }
  });
});

describe("seal()", () => {
  test("never gives the same bytes twice, nor the value among them", () => {
    const [one, two] = [seal(key, "a/B", value), seal(key, "a/B", value)];
    expect(one).not.toEqual(two);
    expect(one.includes(value)).toBe(false);
  });
});
