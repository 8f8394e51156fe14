// Tests of hiding the values of secrets in what is shown.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createMask } from "./mask-bytes.ts";

const hidden = (values: readonly string[], text: string): string =>
  createMask(values).hide(Buffer.from(text)).toString();

describe("createMask().hide()", () => {
  test("puts as many asterisks in a value's place, each time it stands there", () => {
    expect(hidden(["s3cret"], "a s3cret b s3crets3cret")).toBe("a ****** b ************");
  });

  test("hides both of two values that overlap, and one that overlaps itself", () => {
    expect(hidden(["abcdef", "defghi"], "-abcdefghi-")).toBe("-*********-");
    expect(hidden(["aabaabaa"], "aabaabaabaa")).toBe("*".repeat(11));
  });

  test("hides each line of a value of several lines", () => {
    const value = "-----BEGIN\nmiddle\r\n-----END--";
    expect(hidden([value], "x middle y")).toBe("x ****** y");
    expect(hidden([value], value)).not.toContain("middle");
  });

  test("leaves what is too short to be told from the rest of a log", () => {
    expect(hidden(["1", "short"], "1 short")).toBe("1 short");
  });

  test("does not touch the bytes it was given", () => {
    const bytes = Buffer.from("s3cret");
    createMask(["s3cret"]).hide(bytes);
    expect(bytes.toString()).toBe("s3cret");
  });
});

describe("createMask().unfinished()", () => {
  test("tells how much of the end may go on as a value", () => {
    const mask = createMask(["s3cret", "crettin"]);
    expect(mask.unfinished(Buffer.from("... s3cre"))).toBe(5);
    expect(mask.unfinished(Buffer.from("... s3cret"))).toBe(4);
    expect(mask.unfinished(Buffer.from("... s3cretx"))).toBe(0);
    expect(mask.unfinished(Buffer.from("s"))).toBe(1);
    expect(mask.unfinished(Buffer.alloc(0))).toBe(0);
  });

  test("together with the reach lets a value be found wherever a log is cut", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 60 });
    const value = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 6, maxLength: 9 });
    fc.assert(
      fc.property(letters, fc.array(value, { maxLength: 3 }), fc.nat(60), (text, values, cut) => {
        const mask = createMask(values);
        const whole = Buffer.from(text);
        const grown = whole.subarray(0, Math.min(cut, whole.length));
        const end = grown.length - mask.unfinished(grown);
        const from = Math.max(0, end - mask.reachBytes);
        const first = mask.hide(grown).subarray(0, end);
        const second = mask.hide(whole.subarray(from)).subarray(end - from);
        expect(Buffer.concat([first, second]).toString()).toBe(mask.hide(whole).toString());
      }),
      { numRuns: 2000 },
    );
  });
});
