// Shows that a key is found in every form, and that nothing else is taken for one.

import { describe, expect, test } from "bun:test";
import { generateApiKey } from "@fetchml/protocol";
import { findKeys, LONGEST_FORM } from "./find-keys.ts";

const newKey = () =>
  generateApiKey({
    id: "test",
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  });

const FORMS: Readonly<Record<string, (key: string) => Buffer>> = {
  "as it is": (key) => Buffer.from(key),
  "in capitals": (key) => Buffer.from(key.toUpperCase()),
  "in little-endian UTF-16": (key) => Buffer.from(key, "utf16le"),
  "in big-endian UTF-16": (key) => Buffer.from(key, "utf16le").swap16(),
  "in base64": (key) => Buffer.from(Buffer.from(key).toString("base64")),
  "in base64 behind a byte": (key) => Buffer.from(Buffer.from(`"${key}"`).toString("base64")),
  "in base64 behind two": (key) => Buffer.from(Buffer.from(`="${key}"`).toString("base64")),
  "in base64 behind a name": (key) => Buffer.from(btoa(`Bearer ${key}\n`)),
  "in URL-safe base64": (key) => Buffer.from(Buffer.from(`?k=${key}`).toString("base64url")),
};

describe("findKeys()", () => {
  for (const [form, write] of Object.entries(FORMS)) {
    test(`finds a key ${form}, whatever stands around it`, () => {
      for (let round = 0; round < 50; round++) {
        const key = newKey();
        const bytes = write(key);
        expect(bytes.length).toBeLessThanOrEqual(LONGEST_FORM);
        for (const [before, after] of [
          ["", ""],
          ["\n", "\n"],
          [' api_key = "', '"'],
        ] as const) {
          const all = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
          expect([...findKeys(all)]).toEqual([key]);
        }
      }
    });
  }

  test("finds several", () => {
    const keys = [newKey(), newKey(), newKey()];
    expect([...findKeys(Buffer.from(keys.join("")))]).toEqual(keys);
  });

  test("takes nothing for a key that is none", () => {
    const key = newKey();
    const texts = [
      "",
      "fetchml_",
      key.slice(0, -1),
      key.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      key.replace("_", "-"),
      `fetchml_${"u".repeat(36)}`,
    ];
    for (const text of texts) expect([...findKeys(Buffer.from(text))]).toEqual([]);
  });
});
