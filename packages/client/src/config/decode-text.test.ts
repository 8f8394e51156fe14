// Tests of telling UTF-8 from what Windows editors write.
import { expect, test } from "bun:test";
import { decodeText } from "./decode-text.ts";

test("decodeText() takes UTF-8, and tells a byte order mark from the text", () => {
  expect(decodeText(Buffer.from("\ufeffhöre"))).toEqual({
    ok: true,
    text: "höre",
    hasMark: true,
  });
  expect(decodeText(Buffer.alloc(0))).toEqual({ ok: true, text: "", hasMark: false });
});

test("decodeText() names UTF-16 and UTF-32", () => {
  const utf16 = Buffer.from("\ufeffapi_key", "utf16le");
  for (const bytes of [utf16, utf16.subarray(2), Buffer.from(utf16).swap16()]) {
    expect(decodeText(bytes)).toMatchObject({
      ok: false,
      problem: expect.stringContaining("UTF-16"),
    });
  }
  const utf32 = Buffer.from([0xff, 0xfe, 0, 0, 97, 0, 0, 0]);
  expect(decodeText(utf32)).toMatchObject({ problem: expect.stringContaining("UTF-32") });
});

test("decodeText() refuses what is no text", () => {
  expect(decodeText(Buffer.from([97, 98, 0xff, 99]))).toMatchObject({
    ok: false,
    problem: expect.stringContaining("not UTF-8"),
  });
});
