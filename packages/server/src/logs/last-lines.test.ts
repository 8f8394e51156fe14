// The last lines of a log, found from its end.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offsetOfLastLines, TAIL_LIMIT_BYTES } from "./last-lines.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-logs-"));
  path = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ["", 5, ""],
  ["a\nb\nc\n", 0, ""],
  ["a\nb\nc\n", 1, "c\n"],
  ["a\nb\nc\n", 2, "b\nc\n"],
  ["a\nb\nc\n", 3, "a\nb\nc\n"],
  ["a\nb\nc\n", 4, "a\nb\nc\n"],
  ["a\nb\nhalf", 1, "half"],
  ["a\nb\nhalf", 2, "b\nhalf"],
  ["\n\n\n", 2, "\n\n"],
  ["\n", 1, "\n"],
  ["x", 1, "x"],
])("offsetOfLastLines() of %j, %i lines: %j follows", async (text, count, follows) => {
  writeFileSync(path, text);
  expect(text.slice(await offsetOfLastLines(path, count))).toBe(follows);
});

test("offsetOfLastLines() takes a missing log for an empty one", async () => {
  expect(await offsetOfLastLines(path, 3)).toBe(0);
});

test("offsetOfLastLines() agrees with a plain count, over block borders too", async () => {
  const lines = Array.from({ length: 5000 }, (_, at) => "x".repeat(at % 97));
  const text = `${lines.join("\n")}\n`;
  writeFileSync(path, text);
  for (const count of [1, 10, 1000, 1234, 4999, 5000, 5001]) {
    const expected = `${lines.slice(-count).join("\n")}\n`;
    expect(text.slice(await offsetOfLastLines(path, count))).toBe(expected);
  }
});

test("offsetOfLastLines() finds newlines on both sides of a block border", async () => {
  for (const length of [65_534, 65_535, 65_536, 65_537]) {
    const text = `first\n${"x".repeat(length)}\n`;
    writeFileSync(path, text);
    expect(await offsetOfLastLines(path, 1)).toBe(6);
    expect(await offsetOfLastLines(path, 2)).toBe(0);
  }
});

test("offsetOfLastLines() does not read a line of 100 MB whole, and starts at a character", async () => {
  const size = 100_000_002;
  writeFileSync(path, Buffer.alloc(size, "é"));
  const before = process.memoryUsage().rss;
  const offset = await offsetOfLastLines(path, 10);
  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
  expect(offset).toBeGreaterThanOrEqual(size - TAIL_LIMIT_BYTES);
  expect(offset).toBeLessThan(size - TAIL_LIMIT_BYTES + 4);
  expect(offset % 2).toBe(0);
});
