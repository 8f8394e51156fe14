// Which bytes requests want.
import { describe, expect, test } from "bun:test";
import { wantedBytes } from "./output-range.ts";

const FILE = { sizeBytes: 10, etag: '"a"' };

function wanted(headers: Record<string, string>, file = FILE) {
  return wantedBytes(new Headers(headers), file);
}

describe("wantedBytes()", () => {
  test("reads the three forms of a range, cut to the file", () => {
    expect(wanted({ range: "bytes=2-4" })).toEqual({ kind: "part", start: 2, end: 5 });
    expect(wanted({ range: "bytes=2-" })).toEqual({ kind: "part", start: 2, end: 10 });
    expect(wanted({ range: "bytes=-3" })).toEqual({ kind: "part", start: 7, end: 10 });
    expect(wanted({ range: "bytes=-30" })).toEqual({ kind: "part", start: 0, end: 10 });
    expect(wanted({ range: "bytes=9-99" })).toEqual({ kind: "part", start: 9, end: 10 });
  });

  test("says when nothing of the range is in the file", () => {
    for (const range of ["bytes=10-", "bytes=99-100", "bytes=-0"]) {
      expect(wanted({ range })).toEqual({ kind: "beyond" });
    }
    expect(wanted({ range: "bytes=0-" }, { ...FILE, sizeBytes: 0 })).toEqual({ kind: "beyond" });
  });

  test("answers the whole for no range, several, another unit and nonsense", () => {
    for (const range of ["bytes=1-2,4-5", "lines=1-2", "bytes=-", "bytes=5-2", "bytes=x-", "1-2"]) {
      expect(wanted({ range })).toEqual({ kind: "whole" });
    }
    expect(wanted({})).toEqual({ kind: "whole" });
  });

  test("gives a part for If-Range only where the very same tag is strong on both sides", () => {
    const part = { kind: "part", start: 2, end: 10 } as const;
    const range = "bytes=2-";
    expect(wanted({ range, "if-range": '"a"' })).toEqual(part);
    for (const tag of ['"b"', 'W/"a"', "a", "Mon, 23 Nov 2026 00:00:00 GMT"]) {
      expect(wanted({ range, "if-range": tag })).toEqual({ kind: "whole" });
    }
    const weak = { ...FILE, etag: 'W/"a"' };
    expect(wanted({ range, "if-range": 'W/"a"' }, weak)).toEqual({ kind: "whole" });
  });

  test("refuses where If-Match does not name the file", () => {
    expect(wanted({ "if-match": '"b", "a"' })).toEqual({ kind: "whole" });
    expect(wanted({ "if-match": "*" })).toEqual({ kind: "whole" });
    expect(wanted({ "if-match": '"b"' })).toEqual({ kind: "changed" });
    expect(wanted({ "if-match": 'W/"a"' })).toEqual({ kind: "changed" });
  });
});
