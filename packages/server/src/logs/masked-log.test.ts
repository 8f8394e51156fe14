// Tests of reading a log through a mask.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLog, type LogMask } from "./read-log.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-log-"));
  path = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const VALUE = "s3cret";

/** Hides one value; unlike the real one it knows nothing of lines. */
const mask: LogMask = {
  reachBytes: VALUE.length - 1,
  hide: (bytes) => Buffer.from(bytes.toString("latin1").replaceAll(VALUE, "******"), "latin1"),
  unfinished(bytes) {
    const end = bytes.toString("latin1");
    for (let length = VALUE.length - 1; length > 0; length -= 1)
      if (end.endsWith(VALUE.slice(0, length))) return length;
    return 0;
  },
};

async function readAll(limitBytes: number, isComplete: boolean, from = 0): Promise<string> {
  let all = "";
  for (let offset = from; ;) {
    const piece = await readLog({ path, offset, limitBytes, isComplete, mask });
    expect([piece.offset, piece.nextOffset]).toEqual([offset, offset + piece.bytes.length]);
    if (piece.bytes.length === 0) return all;
    all += piece.bytes.toString("latin1");
    offset = piece.nextOffset;
  }
}

test("readLog() hides a value wherever pieces begin and end, and moves nothing", async () => {
  const text = `a${VALUE}${VALUE} b ${VALUE}s3c`;
  writeFileSync(path, text);
  const shown = text.replaceAll(VALUE, "******");
  for (let limit = 1; limit <= text.length; limit += 1) {
    expect(await readAll(limit, true)).toBe(shown);
    expect(await readAll(limit, false)).toBe(shown.slice(0, -3));
    for (let from = 0; from < text.length; from += 1)
      expect(await readAll(limit, true, from)).toBe(shown.slice(from));
  }
});

test("readLog() holds back what may become a value until it is known", async () => {
  writeFileSync(path, "say s3c");
  expect(await readAll(100, false)).toBe("say ");
  appendFileSync(path, "re");
  expect(await readAll(100, false)).toBe("say ");
  appendFileSync(path, "t!");
  expect(await readAll(100, false)).toBe("say ******!");
});
