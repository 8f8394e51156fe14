// Tests of how a log is made safe to show.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { LONGEST_SEQUENCE } from "./escape-parser.ts";
import { LogText, LONGEST_LINE, type LogTextOptions } from "./log-text.ts";

const PIPE: LogTextOptions = { colours: false, collapseReturns: true };
const TERMINAL: LogTextOptions = { colours: true, collapseReturns: false };

function shown(log: string | Uint8Array, options: LogTextOptions): string {
  const text = new LogText(options);
  return text.push(typeof log === "string" ? Buffer.from(log) : log) + text.finish();
}

describe("LogText", () => {
  test("gives the same text however the bytes are cut into chunks", () => {
    const pieces = [
      "epoch 1\n",
      "\r",
      "\r\n",
      "\n",
      "50%",
      "é日本🎉",
      "\u001B[31m",
      "\u001B[0m",
      "\u001B[2K",
      "\u001B[K",
      "\u001B[1;1H",
      "\u001B]0;title\u0007",
      "\u001B]8;;x\u001B\\",
      "\u001B",
      "\u009B31m",
      "\u0090q\u009C",
      "\b\u0000\u007F",
      "\t",
      "x".repeat(70),
    ];
    const bytes = fc.oneof(
      fc.constantFrom(...pieces).map((piece) => new Uint8Array(Buffer.from(piece))),
      fc.uint8Array({ maxLength: 6 }),
    );
    const options = fc.record({ colours: fc.boolean(), collapseReturns: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(bytes, { maxLength: 30 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        options,
        (parts, sizes, look) => {
          const log = Buffer.concat(parts);
          const text = new LogText(look);
          let out = "";
          for (let at = 0; at < log.length;) {
            const size = sizes.next().value;
            out += text.push(log.subarray(at, at + size));
            at += size;
          }
          expect(out + text.finish()).toBe(shown(log, look));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("lets no control character through but tabs, line feeds and colours", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, colours) => {
        const out = shown(bytes, { colours, collapseReturns: true });
        const rest = colours ? Bun.stripANSI(out) : out;
        expect(rest).not.toMatch(/[\p{Cc}--[\t\n]]/v);
      }),
      { numRuns: 2000 },
    );
  });

  test("replaces invalid UTF-8 by U+FFFD", () => {
    expect(shown(Uint8Array.of(0x61, 0xff, 0xc3, 0x28, 0x0a, 0xe2, 0x82), PIPE)).toBe(
      "a\uFFFD\uFFFD(\n\uFFFD",
    );
  });

  test("keeps colours on a terminal and switches them off at the end", () => {
    expect(shown("\u001B[1;31mred\n", TERMINAL)).toBe("\u001B[1;31mred\n\u001B[0m");
    expect(shown("\u001B[31mred\u001B[m\n", TERMINAL)).toBe("\u001B[31mred\u001B[m\n");
    expect(shown("\u001B[31mred\u001B[0m\n", PIPE)).toBe("red\n");
  });

  test("drops titles, cursor moves, screen clearing and device questions", () => {
    const log =
      "a\u001B]0;evil\u0007b\u001B]52;c;cm0gLXJm\u001B\\c\u001B[2Jd\u001B[6ne\u001B[?1049hf\u001Bcg\u001B(Bh\u001BPq#0\u001B\\i\u0007j";
    expect(shown(log, TERMINAL)).toBe("abcdefghij");
  });

  test("takes a private sequence that ends like a colour for no colour", () => {
    expect(shown("a\u001B[>4;2mb\u001B[?1mc", TERMINAL)).toBe("abc");
  });

  test("goes on after a sequence that never ends", () => {
    expect(shown("a\u001B]0;title\nb", PIPE)).toBe("a\nb");
    expect(shown("a\u001B[31\nb", PIPE)).toBe("a\nb");
    const swallowed = "x".repeat(LONGEST_SEQUENCE);
    expect(shown(`a\u001B]${swallowed}rest`, PIPE)).toMatch(/^ax?rest$/);
  });

  test("keeps of a rewritten line what stood there last, where nobody sees it move", () => {
    expect(shown("10%\r50%\r100%\ndone\n", PIPE)).toBe("100%\ndone\n");
    expect(shown("\r10%\r100%", PIPE)).toBe("100%");
    expect(shown("last\r", PIPE)).toBe("last");
    expect(shown("dos\r\nline\r\n", PIPE)).toBe("dos\nline\n");
    expect(shown("50%\r\u001B[K\nnext\n", PIPE)).toBe("\nnext\n");
  });

  test("passes carriage returns on to a terminal", () => {
    expect(shown("10%\r50%\r\n", TERMINAL)).toBe("10%\r50%\r\n");
  });

  test("holds back no more of a line than its limit", () => {
    const text = new LogText(PIPE);
    const chunk = Buffer.from("x".repeat(50_000));
    let length = 0;
    for (let round = 0; round < 100; round++) {
      length += text.push(chunk).length;
      expect(chunk.length * (round + 1) - length).toBeLessThanOrEqual(LONGEST_LINE);
    }
    expect(text.push(Buffer.from("\rnew\n"))).toBe("\nnew\n");
  });
});
