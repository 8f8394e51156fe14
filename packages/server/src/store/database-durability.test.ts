// Tests with real processes: an answer means that the disk has it, and a dead process leaves nothing half-done.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { Database } from "./database.ts";
import { startStoreProcess } from "./start-store-process.fixture.ts";
import { openTempFolder, type TempFolder } from "./store.fixture.ts";

let folder: TempFolder;
let path: string;

beforeEach(() => {
  folder = openTempFolder();
  path = join(folder.path, "test.db");
  const db = new Database(path);
  db.runScript("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  db.close();
});

afterEach(() => folder.remove());

function storedTexts(): readonly string[] {
  const db = new Database(path);
  const rows = db.all<{ text: string }>("SELECT text FROM notes");
  expect(db.get("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" });
  db.close();
  return rows.map(({ text }) => text);
}

describe("Database.write()", () => {
  needsSystem("strace")(
    "answers only after its rows were written and synced to the disk",
    async () => {
      const trace = join(folder.path, "trace");
      const strace = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "-o",
        trace,
        "-e",
        "trace=/^(p?writev?(64)?|f(data)?sync)$",
      ];
      await startStoreProcess("answer", path, strace).output();
      const calls = readFileSync(trace, "utf8").split("\n");
      const answer = calls.findIndex((call) => /\bwrite\(.*"answered/.test(call));
      const before = calls.slice(0, answer).filter((call) => call.includes(`<${path}-wal>`));
      expect(answer).toBeGreaterThan(0);
      expect(before.some((call) => call.includes("pwrite64("))).toBe(true);
      expect(before.at(-1)).toMatch(/\bf(?:data)?sync\(.*= 0$/);
    },
  );

  test("has stored what it answered, though the process is killed right after", async () => {
    const child = startStoreProcess("answer-and-stay", path);
    expect(await child.firstLine()).toBe("answered");
    await child.kill();
    expect(storedTexts()).toEqual(["kept"]);
  });

  test("has stored nothing of a turn that was killed before its commit", async () => {
    const child = startStoreProcess("die-before-commit", path);
    expect(await child.firstLine()).toBe("written");
    await child.gone;
    expect(storedTexts()).toEqual([]);
  });
});

test("Database syncs at every commit, keeps foreign keys and waits for a backup to let go", () => {
  const db = new Database(path);
  expect(db.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
  // 2 is FULL: the log is synced at every commit.
  expect(db.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
  expect(db.get("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
  expect(db.get("PRAGMA busy_timeout")).toEqual({ timeout: 5000 });
  db.close();
});
