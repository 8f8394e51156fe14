// Tests of reading a log whose middle was cut out.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMask } from "../secrets/mask-bytes.ts";
import { offsetOfLastLines } from "./last-lines.ts";
import { cutOf } from "./log-cut.ts";
import { readLog } from "./read-log.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-cut-"));
  path = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** `head` is shown, `gone` is not, `tail` is; all of it is in the file, as the edges of a cut are. */
function write(head: string, gone: string, tail: string): void {
  writeFileSync(path, head + gone + tail);
  writeFileSync(join(folder, "cut"), `${head.length} ${head.length + gone.length}\n`);
}

const mark = (bytes: number) =>
  `\nfetchml: ${bytes} B (${bytes} bytes) of the log are left out here, because it grew beyond its limit\n`;

async function piece(offset: number, limitBytes = 100) {
  const { bytes, nextOffset, endsAtCut } = await readLog({ path, offset, limitBytes });
  return [bytes.toString(), nextOffset, endsAtCut];
}

describe("readLog() of a log with a cut", () => {
  test("ends a piece at the cut, tells of it in the next, and goes on behind it", async () => {
    write("head\n", "never seen\n", "tail\n");
    expect(await piece(0)).toEqual(["head\n", 5, true]);
    expect(await piece(5)).toEqual([mark(11), 16, true]);
    expect(await piece(16)).toEqual(["tail\n", 21, false]);
  });

  test("tells who comes to the middle of it how much is missing from there on", async () => {
    write("head\n", "never seen\n", "tail\n");
    expect(await piece(10)).toEqual([mark(6), 16, true]);
  });

  test("leaves pieces before and behind it as they are", async () => {
    write("head\n", "never seen\n", "tail\n");
    expect(await piece(0, 3)).toEqual(["hea", 3, false]);
    expect(await piece(18, 3)).toEqual(["il\n", 21, false]);
  });

  test("shows no part of a secret that crosses an edge", async () => {
    write("a hunter2-", "and-hunter3", "-is-secret b");
    const mask = createMask(["hunter2-and", "hunter3-is-secret"]);
    const read = async (offset: number) =>
      (await readLog({ path, offset, limitBytes: 100, isComplete: true, mask })).bytes.toString();
    expect(await read(0)).toBe("a ********");
    expect(await read(21)).toBe("********** b");
  });

  test("takes a cut file that is torn, empty or backwards for none", async () => {
    write("a", "b", "c");
    for (const text of ["", "1", "1 2", "2 1\n", "1 2 3\n", "x y\n"]) {
      writeFileSync(join(folder, "cut"), text);
      expect(await cutOf(path)).toBeNull();
    }
  });
});

describe("offsetOfLastLines() of a log with a cut", () => {
  test("looks no further back than the cut, of which the reader is told then", async () => {
    write("1\n2\n", "3\n4\n", "5\n6\n7\n");
    expect(await offsetOfLastLines(path, 2)).toBe(10);
    expect(await offsetOfLastLines(path, 5)).toBe(4);
  });
});
