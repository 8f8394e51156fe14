// Tests of the words that tell why a key's connections were ended.
import { describe, expect, test } from "bun:test";
import { ERROR_CODES, EXIT } from "./error-code.ts";
import { KEY_ENDS, keyEndReason, readKeyEnd, type KeyEnd } from "./key-end.ts";

// By the table's own keys.
const all = Object.keys(KEY_ENDS) as KeyEnd[];

describe("KEY_ENDS", () => {
  test("holds the words that clients of every release read", () => {
    expect(all).toEqual(
      expect.arrayContaining(
        "key-revoked key-expired key-replaced key-invalid user-disabled user-removed role-changed".split(
          " ",
        ),
      ),
    );
  });

  test("stops every client with exit code 3", () => {
    for (const why of all) expect(ERROR_CODES[KEY_ENDS[why].code].exit).toBe(EXIT.key);
  });
});

describe("keyEndReason()", () => {
  test("fits into a close frame and is read back as what it was", () => {
    for (const why of all) {
      const reason = keyEndReason(why);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
      expect(readKeyEnd(reason)).toEqual({ why, sentence: KEY_ENDS[why].sentence });
    }
  });
});

describe("readKeyEnd()", () => {
  test("goes by the word and not by the sentence", () => {
    expect(readKeyEnd("role-changed: The API key has expired.").why).toBe("role-changed");
  });

  test("knows no reason in a text without a word of the table, and keeps its sentence", () => {
    const nothing = [
      ["", ""],
      ["The API key has expired.", "The API key has expired."],
      ["key-lost: It is gone.", "It is gone."],
      ["constructor: x", "x"],
    ] as const;
    for (const [reason, sentence] of nothing) {
      expect(readKeyEnd(reason)).toEqual({ why: null, sentence });
    }
  });
});
