// Tests of finding out whether a file system shares the bytes of copies.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makesReflinks } from "./reflinks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-reflinks-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("makesReflinks() agrees with cp, and leaves nothing behind", async () => {
  writeFileSync(join(folder, "a"), Buffer.alloc(100_000, 1));
  const cp = Bun.spawnSync(["cp", "--reflink=always", "a", "b"], { cwd: folder, stderr: "ignore" });
  const before = readdirSync(folder);
  expect(await makesReflinks(folder)).toBe(cp.exitCode === 0);
  expect(readdirSync(folder)).toEqual(before);
});

test("makesReflinks() is false where it cannot be tried", async () => {
  expect(await makesReflinks(join(folder, "missing"))).toBe(false);
});
