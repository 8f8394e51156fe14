// Tests of the forgiving reader: what it takes.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { normaliseApiKey } from "./api-key-normalise.ts";
import { anyKey, groupsOf, sampleKey, TEST_VECTOR } from "./api-key-samples.ts";
import { spokenGroups } from "./api-key-spoken.ts";

function expectTaken(text: string, key: string): void {
  expect(normaliseApiKey(text)).toEqual({ ok: true, key, id: key.slice(8, 12) });
}

const SEPARATORS = {
  "white space": [" ", "\t", "\n", "\r\n", "\v", "\u0085", "\u2028", "\u3000"],
  "no-break spaces": ["\u00a0", "\u202f", "\u2007"],
  "zero-width characters": ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ufe0f"],
  "bidi characters": [
    "\u200e",
    "\u200f",
    "\u061c",
    "\u202a",
    "\u202c",
    "\u202e",
    "\u2066",
    "\u2069",
  ],
  dashes: ["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\uff0d"],
  quotes: [
    '"',
    "'",
    "`",
    "\u2018",
    "\u2019",
    "\u201a",
    "\u201c",
    "\u201d",
    "\u201e",
    "\u00ab",
    "\u00b4",
    "\u2033",
  ],
  brackets: ["(", ")", "[", "]", "{", "}", "<", ">", "\uff08", "\u300c"],
  "marks of chats": ["*", "**", "_", "\\", "|", "~", "\uff0a", "\uff5c"],
} as const;

describe("normaliseApiKey()", () => {
  test("gives a right key back as it is", () => {
    expectTaken(TEST_VECTOR.key, TEST_VECTOR.key);
  });

  for (const [name, separators] of Object.entries(SEPARATORS)) {
    test(`drops ${name} before, inside and behind`, () => {
      const key = sampleKey(20);
      for (const mark of separators) {
        const groups = groupsOf(key);
        expectTaken(mark + key + mark, key);
        expectTaken(`fetchml_${groups.join(mark)}`, key);
        expectTaken(groups.join(mark) + mark, key);
      }
    });
  }

  test("takes any mixture of case, separators, o for 0, i and l for 1, with and without prefix", () => {
    const marks = fc.constantFrom("", "", ...Object.values(SEPARATORS).flat());
    const spelling = fc.record({
      marks: fc.array(marks, { minLength: 45, maxLength: 45 }),
      choices: fc.array(fc.nat(5), { minLength: 44, maxLength: 44 }),
      prefix: fc.boolean(),
    });
    fc.assert(
      fc.property(anyKey, spelling, (key, { marks: between, choices, prefix }) => {
        const text = Array.from(key, (symbol, place) => {
          const same = spellingsOf(symbol, place < 8);
          return same[(choices[place] ?? 0) % same.length] + (between[place] ?? "");
        });
        expectTaken((between[44] ?? "") + text.slice(prefix ? 0 : 8).join(""), key);
      }),
      { numRuns: 1000 },
    );
  });

  test("reads compatibility forms: full width, mathematical and circled letters", () => {
    const key = sampleKey(21);
    const wide = Array.from(key, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join("");
    expectTaken(wide, key);
    const bold = key.replace(/[a-z]/g, (c) => String.fromCodePoint(c.charCodeAt(0) - 97 + 0x1d41a));
    expectTaken(bold, key);
    expectTaken(
      key.replace(/[a-z]/g, (c) => String.fromCodePoint(c.charCodeAt(0) - 97 + 0x24d0)),
      key,
    );
  });

  test("drops the punctuation that ends a sentence", () => {
    const key = sampleKey(22);
    for (const end of [".", "...", "\u2026", ",", ";", ":", "!", "?", ".)", "\uff0e"]) {
      expectTaken(`"${key}"${end}`, key);
    }
  });

  test("takes the written half of the spoken form", () => {
    const key = sampleKey(23);
    const groups = spokenGroups(key).map(({ symbols }) => symbols);
    expectTaken(
      [groups.slice(0, 3), groups.slice(3, 6), groups.slice(6)].map((b) => b.join(" ")).join(" | "),
      key,
    );
  });

  test("gives the same key for its own answer", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const first = normaliseApiKey(key.toUpperCase());
        expect(first.ok && normaliseApiKey(first.key)).toEqual(first);
      }),
    );
  });
});

function spellingsOf(symbol: string, isPrefix: boolean): readonly string[] {
  const both = [symbol, symbol.toUpperCase()];
  if (symbol === "0") return ["0", "o", "O"];
  if (symbol === "1") return ["1", "i", "I", "l", "L"];
  return isPrefix && symbol === "l" ? [...both, "1"] : both;
}
