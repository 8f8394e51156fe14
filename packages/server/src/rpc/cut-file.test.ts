// Tests of the file of a log whose middle was cut out, as it is sent whole or in parts.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOutputFolder } from "../outputs/output-folder.ts";
import { openOutput, type OutputFile } from "../outputs/output-file.ts";
import { readPieces, readWhole } from "../outputs/read-output.ts";
import { cutFile } from "./cut-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-cut-file-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function opened(): Promise<OutputFile> {
  const found = findOutputFolder(folder);
  const file = found === null ? "absent" : await openOutput(found, "log", Date.now());
  if (typeof file === "string") throw new Error(file);
  return cutFile(file, join(folder, "log"));
}

async function read(file: OutputFile, start: number, end: number): Promise<string> {
  let text = "";
  const pieces = readPieces(file, { start, end });
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) return text;
    text += Buffer.from(value ?? "").toString("latin1");
  }
}

async function whole(): Promise<string> {
  const file = await opened();
  return read(file, 0, file.sizeBytes);
}

const write = (text: string) => writeFileSync(join(folder, "log"), text);
const cut = (from: number, to: number) => writeFileSync(join(folder, "cut"), `${from} ${to}\n`);
const mark = (bytes: number) =>
  `\nfetchml: ${bytes} B (${bytes} bytes) of the log are left out here, because it grew beyond its limit\n`;

describe("cutFile()", () => {
  test("is head, mark and tail, and no byte of what is gone, whichever part is asked for", async () => {
    write(`head${"\0".repeat(1000)}tail\n`);
    cut(4, 1004);
    const text = `head${mark(1000)}tail\n`;
    const { sizeBytes, handle, close } = await opened();
    expect(sizeBytes).toBe(text.length);
    expect(Number((await handle.stat({ bigint: true })).size)).toBe(text.length);
    await close();
    for (let start = 0; start < text.length; start += 1) {
      for (const end of [start + 1, start + 7, text.length]) {
        const part = await read(await opened(), start, Math.min(end, text.length));
        expect(part).toBe(text.slice(start, end));
      }
    }
  });

  test("is read in one go with the hash of what is sent", async () => {
    write(`head${"\0".repeat(1000)}tail\n`);
    cut(4, 1004);
    const file = await opened();
    expect((await readWhole(file))?.toString()).toBe(`head${mark(1000)}tail\n`);
    await file.close();
  });

  test("has another tag once more is cut, and the same one until then", async () => {
    write("0123456789");
    const tag = async () => {
      const file = await opened();
      await file.close();
      return file.etag.replace("W/", "");
    };
    const uncut = await tag();
    cut(2, 4);
    const first = await tag();
    expect(await tag()).toBe(first);
    cut(2, 6);
    expect(new Set([uncut, first, await tag()]).size).toBe(3);
  });

  test("tells of what goes while it is sent, as long as it was when it was opened", async () => {
    write(`head${"x".repeat(1000)}tail\n`);
    const uncut = await opened();
    cut(4, 504);
    const first = await opened();
    cut(4, 1004);
    const tail = `${"\n".repeat(500 - mark(500).length)}tail\n`;
    expect(await read(first, 0, first.sizeBytes)).toBe(`head${mark(500)}${mark(500)}${tail}`);
    const text = await read(uncut, 0, uncut.sizeBytes);
    expect(text).toBe(`head${mark(1000)}${"\n".repeat(1000 - mark(1000).length)}tail\n`);
  });

  test("leaves a log without a cut as it is", async () => {
    write("all of it");
    expect(await whole()).toBe("all of it");
  });
});
