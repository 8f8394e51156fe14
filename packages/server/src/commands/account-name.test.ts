// Tests of whose name goes into the audit.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountName } from "./account-name.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-account-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("accountName() goes by the number in the list of accounts", () => {
  const path = join(folder, "passwd");
  writeFileSync(path, "root:x:0:0:root:/root:/bin/sh\nbox:x:1000:1000:0:/home/box:/bin/sh\n");
  expect([accountName(0, path), accountName(1000, path)]).toEqual(["root", "box"]);
});

test("accountName() gives the number where there is no name", () => {
  expect(accountName(4242, "/dev/null")).toBe("uid 4242");
  expect(accountName(7, join(folder, "none"))).toBe("uid 7");
});

test("accountName() does not believe the environment", () => {
  const script = `process.stdout.write((await import(${JSON.stringify(join(import.meta.dir, "account-name.ts"))})).accountName())`;
  const { stdout } = Bun.spawnSync([process.execPath, "-e", script], {
    env: { ...process.env, USER: "mallory", LOGNAME: "mallory" },
  });
  expect(stdout.toString()).toBe(accountName());
  expect(stdout.toString()).not.toBe("mallory");
});
