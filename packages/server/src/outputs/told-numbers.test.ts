// Sizes and times that a job can claim where the file system lets it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OutputEntry } from "@fetchml/protocol";
import { openOutput } from "./output-file.ts";
import { findOutputFolder, type OutputFolder } from "./output-folder.ts";
import { isTooLarge, modifiedAt } from "./told-numbers.ts";
import { mostLooks, walkOutputs } from "./walk-outputs.ts";

const LATEST = Date.parse("9999-12-31T23:59:59.999Z");

test("modifiedAt() tells whole milliseconds from 1970 to the end of the year 9999", () => {
  expect(modifiedAt({ mtimeMs: 1_700_000_000_123.9 })).toBe(1_700_000_000_123);
  expect(modifiedAt({ mtimeMs: 1_700_000_000_123n })).toBe(1_700_000_000_123);
  for (const mtimeMs of [-1, -(2 ** 63), -(2n ** 63n)]) expect(modifiedAt({ mtimeMs })).toBe(0);
  for (const mtimeMs of [LATEST + 1, 2 ** 63, 2n ** 63n]) {
    expect(modifiedAt({ mtimeMs })).toBe(LATEST);
  }
});

test("isTooLarge() is so for sizes of more than 15 digits", () => {
  for (const size of [0, 10 ** 15 - 1, 10n ** 15n - 1n]) expect(isTooLarge({ size })).toBe(false);
  for (const size of [10 ** 15, 2 ** 60, 2n ** 63n - 1n]) expect(isTooLarge({ size })).toBe(true);
});

/** A tmpfs, which takes any time and nearly any size. */
const TMPFS = "/dev/shm";

describe.skipIf(!existsSync(TMPFS))("on a tmpfs", () => {
  let path: string;
  let folder: OutputFolder;

  beforeEach(() => {
    path = mkdtempSync(join(TMPFS, "fetchml-outputs-"));
    const found = findOutputFolder(path);
    if (found === null) throw new Error("the folder is not found");
    folder = found;
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  async function list(): Promise<OutputEntry[]> {
    const entries: OutputEntry[] = [];
    for await (const some of walkOutputs(folder, mostLooks())) entries.push(...some);
    return entries;
  }

  test("a time beyond all dates is told as the last one, in the list and with the file", async () => {
    writeFileSync(join(path, "a"), "content");
    utimesSync(join(path, "a"), 2 ** 53, 2 ** 53);
    expect(await list()).toMatchObject([{ kind: "file", path: "a", modified_at: LATEST }]);
    const file = await openOutput(folder, "a", Date.now());
    if (typeof file === "string") throw new Error(file);
    expect(file.modifiedAt).toBe(LATEST);
    await file.close();
  });

  test("a file of more bytes than can be told is left out by its name", async () => {
    for (const [name, size] of [
      ["a", 10],
      ["b", Number.MAX_SAFE_INTEGER],
    ] as const) {
      writeFileSync(join(path, name), "");
      truncateSync(join(path, name), size);
    }
    expect(await list()).toMatchObject([
      { kind: "file", path: "a", size_bytes: 10 },
      { kind: "left-out", path: "b", reason: "unreadable" },
    ]);
    expect(await openOutput(folder, "b", Date.now())).toBe("unreadable");
  });
});
