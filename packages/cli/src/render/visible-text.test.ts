// Tests of making lines of files safe for a terminal.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { visibleText } from "./visible-text.ts";

describe("visibleText()", () => {
  test("writes out what a terminal would obey, and keeps a tab", () => {
    expect(visibleText("a\tb\r")).toBe("a\tb^M");
    expect(visibleText("\0\u0007\u001B[2J\u007F\u0085\u009B")).toBe("^@^G^[[2J^?<U+0085><U+009B>");
    expect(visibleText("\u202E\u2066\u200F\u2028")).toBe("<U+202E><U+2066><U+200F><U+2028>");
    expect(visibleText("ünïcode 漢字 🎉")).toBe("ünïcode 漢字 🎉");
  });

  test("leaves no control character and no direction mark of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(visibleText(text)).not.toMatch(/(?!\t)\p{Cc}|\p{Bidi_Control}/u);
      }),
    );
  }, 60_000);
});
