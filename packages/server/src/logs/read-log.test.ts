// Pieces of a log: bounded, by byte offset, never cutting a character.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logBytes } from "@fetchml/protocol";
import { assert, property, string, integer } from "fast-check";
import { toLogBytes } from "./log-bytes.ts";
import { READ_LIMIT_BYTES, readLog } from "./read-log.ts";
import { unfinishedBytes } from "./utf8-tail.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-logs-"));
  path = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Reads the whole log piece by piece. */
async function readAll(limitBytes: number): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for (let offset = 0; ;) {
    const piece = await readLog({ path, offset, limitBytes });
    if (piece.bytes.length === 0) return pieces;
    expect(piece.nextOffset).toBe(offset + piece.bytes.length);
    pieces.push(piece.bytes);
    offset = piece.nextOffset;
  }
}

describe("readLog()", () => {
  test("takes a missing log for an empty one", async () => {
    const piece = await readLog({ path, offset: 7, limitBytes: 10 });
    expect(piece).toEqual({ offset: 7, nextOffset: 7, bytes: Buffer.alloc(0), endsAtCut: false });
  });

  test("gives what is there from the offset on, and nothing beyond the end", async () => {
    writeFileSync(path, "hello\nworld\n");
    expect((await readLog({ path, offset: 6, limitBytes: 100 })).bytes.toString()).toBe("world\n");
    expect((await readLog({ path, offset: 6, limitBytes: 3 })).bytes.toString()).toBe("wor");
    expect((await readLog({ path, offset: 100, limitBytes: 3 })).bytes.length).toBe(0);
  });

  test("never gives more than its limit", async () => {
    writeFileSync(path, Buffer.alloc(READ_LIMIT_BYTES + 5, 0x61));
    const piece = await readLog({ path, offset: 0, limitBytes: 1e9 });
    expect(piece.bytes.length).toBe(READ_LIMIT_BYTES);
  });

  test("cuts a log into pieces of whole characters, whatever the limit", async () => {
    const text = "aé€\u{1f600}".repeat(50);
    writeFileSync(path, text);
    for (const limit of [4, 5, 6, 7, 64]) {
      const pieces = await readAll(limit);
      expect(Buffer.concat(pieces).toString()).toBe(text);
      for (const piece of pieces) expect(toLogBytes(piece)).toEqual({ text: piece.toString() });
    }
  });

  test("gives half a character where the piece would be empty, and at the end of a complete log", async () => {
    const half = Buffer.from("\u{1f600}").subarray(0, 3);
    writeFileSync(path, Buffer.concat([Buffer.from("ab"), half]));
    const open = await readLog({ path, offset: 0, limitBytes: 100 });
    expect(open.bytes.toString()).toBe("ab");
    const rest = await readLog({ path, offset: 2, limitBytes: 100 });
    expect(rest.bytes).toEqual(half);
    const complete = await readLog({ path, offset: 0, limitBytes: 100, isComplete: true });
    expect(complete.bytes.length).toBe(5);
    const cut = await readLog({ path, offset: 0, limitBytes: 4, isComplete: true });
    expect(cut.bytes.toString()).toBe("ab");
  });

  test("loses no byte of a log that is no UTF-8", async () => {
    const bytes = Buffer.from([
      0xff, 0xfe, 0x80, 0x80, 0x80, 0x80, 0xf0, 0x9f, 0x41, 0xc3, 0x28, 0xe2, 0x82,
    ]);
    writeFileSync(path, bytes);
    for (const limit of [1, 2, 3, 5, 100]) {
      expect(Buffer.concat(await readAll(limit))).toEqual(bytes);
    }
  });

  test("reads a log with a hole by offset", async () => {
    const fd = openSync(path, "w");
    writeSync(fd, "head", 0);
    writeSync(fd, "tail", 50_000_000);
    closeSync(fd);
    expect((await readLog({ path, offset: 2, limitBytes: 4 })).bytes).toEqual(
      Buffer.from("ad\0\0"),
    );
    expect((await readLog({ path, offset: 49_999_999, limitBytes: 9 })).bytes).toEqual(
      Buffer.from("\0tail"),
    );
  });

  test("follows no link", async () => {
    writeFileSync(join(folder, "secret"), "secret");
    symlinkSync("secret", path);
    expect(
      await readLog({ path, offset: 0, limitBytes: 10 }).catch((error: unknown) => error),
    ).toBeInstanceOf(Error);
  });
});

test("toLogBytes() makes text of valid UTF-8, base64 of all else, and both give the bytes back", () => {
  const marked = Buffer.from("\ufeffh\0\u001b[31m\u{1f600}");
  expect(toLogBytes(marked)).toEqual({ text: marked.toString() });
  expect(logBytes(toLogBytes(marked))).toEqual(marked);
  const invalid = Buffer.from([0x61, 0xff]);
  expect(toLogBytes(invalid)).toEqual({ base64: "Yf8=" });
  expect(logBytes(toLogBytes(invalid))).toEqual(invalid);
});

test("unfinishedBytes() says how much of the last character is there, for every text and cut", () => {
  assert(
    property(string({ unit: "binary" }), integer({ min: 0, max: 200 }), (text, cut) => {
      const bytes = Buffer.from(text.toWellFormed());
      const piece = bytes.subarray(0, cut);
      const whole = piece.subarray(0, piece.length - unfinishedBytes(piece));
      expect(bytes.toString().startsWith(whole.toString())).toBeTrue();
      expect(piece.length - whole.length).toBeLessThan(4);
    }),
  );
});
