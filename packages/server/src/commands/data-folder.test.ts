// Tests of the folders that a server makes in its data folder.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeJobsFolders } from "./data-folder.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "fetchml-data-folder-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

describe("makeJobsFolders()", () => {
  test("makes what a backup copies before there was a job, for this account alone", () => {
    makeJobsFolders(dataDir);
    expect(readdirSync(dataDir).toSorted()).toEqual(["attempts", "checkpoints"]);
    for (const name of readdirSync(dataDir))
      expect(statSync(join(dataDir, name)).mode & 0o7777).toBe(0o700);
  });

  test("leaves what is there, also a link to a disk that is not", () => {
    makeJobsFolders(dataDir);
    writeFileSync(join(dataDir, "attempts/12.1"), "");
    rmSync(join(dataDir, "checkpoints"), { recursive: true });
    symlinkSync("/nowhere/checkpoints", join(dataDir, "checkpoints"));
    makeJobsFolders(dataDir);
    expect(readdirSync(join(dataDir, "attempts"))).toEqual(["12.1"]);
    expect(lstatSync(join(dataDir, "checkpoints")).isSymbolicLink()).toBeTrue();
  });

  test("says so when one cannot be made", () => {
    expect(() => makeJobsFolders(join(dataDir, "none"))).toThrow("ENOENT");
  });
});
