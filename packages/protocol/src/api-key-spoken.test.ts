// Tests of the spoken form of a key.

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { API_KEY_ALPHABET } from "./api-key-alphabet.ts";
import { anyKey, TEST_VECTOR } from "./api-key-samples.ts";
import { formatSpokenApiKey, spokenGroups } from "./api-key-spoken.ts";

test("spokenGroups() gives nine groups of four that are the key without its prefix", () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const groups = spokenGroups(key);
      expect(groups.map(({ symbols }) => symbols.length)).toEqual(Array(9).fill(4));
      expect(
        groups
          .map(({ symbols }) => symbols)
          .join("")
          .toLowerCase(),
      ).toBe(key.slice(8));
    }),
  );
});

test("spokenGroups() has another word for each symbol, which begins with it if it is a letter", () => {
  const words = spokenGroups(`fetchml_${API_KEY_ALPHABET}0000`).flatMap((group) => group.words);
  expect(new Set(words).size).toBe(32);
  const letters = words.slice(10, 32).map((word) => word.charAt(0).toLowerCase());
  expect(letters.join("")).toBe(API_KEY_ALPHABET.slice(10));
  expect(words.slice(0, 10).join(" ")).toBe("Zero One Two Three Four Five Six Seven Eight Nine");
});

test("formatSpokenApiKey() numbers the groups and leaves an empty line after every third", () => {
  const lines = formatSpokenApiKey(TEST_VECTOR.key).split("\n");
  expect(lines).toHaveLength(11);
  expect(lines[0]).toBe("1  KPAZ  Kilo Papa Alfa Zulu");
  expect(lines[3]).toBe("");
  expect(lines[4]).toBe("4  QVN7  Quebec Victor November Seven");
  expect(lines[7]).toBe("");
  expect(lines[10]).toBe("9  RRDA  Romeo Romeo Delta Alfa");
});
