// Tests with real processes: one owner per data folder, for as long as it lives.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { ExclusiveFile } from "./database.ts";
import { lockDataFolder, tryLockDataFolder } from "./data-folder-lock.ts";
import { startStoreProcess } from "./start-store-process.fixture.ts";
import { openFiles, openTempFolder, type TempFolder } from "./store.fixture.ts";

let folder: TempFolder;

beforeEach(() => {
  folder = openTempFolder();
});

afterEach(() => folder.remove());

const lockPath = () => join(folder.path, "lock.db");

describe("ExclusiveFile", () => {
  test("refuses a second process until the first one lets go", async () => {
    const mine = ExclusiveFile.tryOpen(lockPath());
    const refused = startStoreProcess("hold", lockPath());
    expect(await refused.firstLine()).toBe("refused");
    await refused.kill();
    mine?.close();
    const next = startStoreProcess("hold", lockPath());
    expect(await next.firstLine()).toBe("held");
    await next.kill();
  });

  test("is free at once when its owner is killed", async () => {
    const owner = startStoreProcess("hold", lockPath());
    expect(await owner.firstLine()).toBe("held");
    expect(ExclusiveFile.tryOpen(lockPath())).toBeNull();
    await owner.kill();
    const mine = ExclusiveFile.tryOpen(lockPath());
    expect(mine).not.toBeNull();
    mine?.close();
  });

  test("refuses a second owner in the same process too, and closes twice without harm", () => {
    const mine = ExclusiveFile.tryOpen(lockPath());
    expect(ExclusiveFile.tryOpen(lockPath())).toBeNull();
    mine?.close();
    mine?.close();
    const again = ExclusiveFile.tryOpen(lockPath());
    expect(again).not.toBeNull();
    again?.close();
  });

  test("leaves no file open when it is refused", async () => {
    const owner = startStoreProcess("hold", lockPath());
    await owner.firstLine();
    expect(ExclusiveFile.tryOpen(lockPath())).toBeNull();
    expect(openFiles()).not.toContain(lockPath());
    await owner.kill();
  });

  test("does not take a file that it cannot use for one that is held", () => {
    expect(() => ExclusiveFile.tryOpen(join(folder.path, "nowhere", "lock.db"))).toThrow();
    writeFileSync(lockPath(), "not a database, and long enough to be looked at ".repeat(30));
    expect(() => ExclusiveFile.tryOpen(lockPath())).toThrow("not a database");
    expect(openFiles()).not.toContain(lockPath());
  });
});

describe("lockDataFolder()", () => {
  test("takes a free folder and lets go of it", () => {
    lockDataFolder(folder.path).close();
    const lock = tryLockDataFolder(folder.path);
    expect(lock).not.toBeNull();
    lock?.close();
  });

  test("says whose the folder is and what to do, in at most three lines", async () => {
    const owner = startStoreProcess("hold", lockPath());
    await owner.firstLine();
    const starting = refusal();
    expect(starting.code).toBe("data-folder-in-use");
    expect(starting.message).toContain(folder.path);
    expect(starting.message).toContain("wait until it is up");
    writeFileSync(join(folder.path, "fetchml.sock"), "");
    expect(refusal().message).toContain("Stop that server first");
    expect(refusal().message.split("\n").length).toBeLessThanOrEqual(3);
    await owner.kill();
  });
});

function refusal(): FetchmlError {
  try {
    lockDataFolder(folder.path).close();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
  }
  throw new Error("the folder was not refused");
}
