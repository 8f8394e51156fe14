// Tests of bringing a database to this release's schema, and of refusing one from a later release.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FetchmlError, PRODUCT_VERSION } from "@fetchml/protocol";
import { Database } from "./database.ts";
import { isBreaking, migrate, MIGRATIONS, type Migration } from "./migrate.ts";
import { openStore } from "./open-store.ts";
import { dumpSchema } from "./schema-dump.ts";
import { openTempFolder, type TempFolder } from "./store.fixture.ts";

let folder: TempFolder;
let db: Database;

beforeEach(() => {
  folder = openTempFolder();
  db = new Database(join(folder.path, "test.db"));
});

afterEach(() => {
  db.close();
  folder.remove();
});

const LAST = MIGRATIONS.length;
const harmless: Migration = {
  number: LAST + 1,
  name: "harmless",
  sql: "-- breaking: no\nCREATE TABLE b (x);",
};
const breaking: Migration = {
  number: LAST + 2,
  name: "breaking",
  sql: "-- breaking: yes\nCREATE TABLE c (x);",
};
const applied = () =>
  db.all("SELECT number, name, breaking, applied_at, applied_by FROM migrations ORDER BY number");

describe("MIGRATIONS", () => {
  test("are numbered from 1 without a gap", () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, place) => place + 1));
  });

  for (const migration of MIGRATIONS) {
    test(`${migration.number} says in its first line whether older programs may still open the database`, () => {
      expect(migration.sql).toMatch(/^-- breaking: (?:yes|no)\. \S/);
      expect(isBreaking(migration)).toBeBoolean();
    });
  }
});

describe("migrate()", () => {
  test("records what it applied, when and by which release", () => {
    migrate(db, 77);
    expect(applied()[0]).toEqual({
      number: 1,
      name: "first",
      breaking: 1,
      applied_at: 77,
      applied_by: PRODUCT_VERSION,
    });
    expect(applied()).toMatchObject(MIGRATIONS.map(({ number, name }) => ({ number, name })));
  });

  test("changes nothing the second time", () => {
    migrate(db, 77);
    const before = dumpSchema(db);
    migrate(db, 99);
    expect(dumpSchema(db)).toBe(before);
    expect(applied()).toMatchObject(MIGRATIONS.map(() => ({ applied_at: 77 })));
  });

  test("applies only what is missing, in order", () => {
    migrate(db, 1, [...MIGRATIONS, harmless]);
    migrate(db, 2, [...MIGRATIONS, harmless, breaking]);
    expect(applied().slice(-2)).toMatchObject([
      { number: LAST + 1, breaking: 0, applied_at: 1 },
      { number: LAST + 2, breaking: 1, applied_at: 2 },
    ]);
    expect(applied()).toHaveLength(LAST + 2);
  });

  test("leaves nothing of a step that fails, and keeps the steps before it", () => {
    const broken = {
      ...breaking,
      sql: "-- breaking: yes\nCREATE TABLE c (x);\nINSERT INTO nowhere VALUES (1);",
    };
    expect(() => migrate(db, 1, [...MIGRATIONS, harmless, broken])).toThrow("nowhere");
    expect(applied()).toHaveLength(LAST + 1);
    expect(dumpSchema(db)).not.toContain("CREATE TABLE c (");
    migrate(db, 2, [...MIGRATIONS, harmless, breaking]);
    expect(applied()).toHaveLength(LAST + 2);
  });

  test("refuses a step whose first line says nothing about breaking, before it does anything", () => {
    for (const sql of [
      "CREATE TABLE d (x);",
      "-- breaking: maybe\nCREATE TABLE d (x);",
      "\n-- breaking: no\n",
    ]) {
      expect(() => migrate(db, 1, [{ number: 1, name: "mute", sql }])).toThrow(
        "does not begin with",
      );
    }
    expect(applied()).toEqual([]);
    expect(dumpSchema(db)).not.toContain("CREATE TABLE d");
  });

  test("opens what a later release changed without breaking it", () => {
    migrate(db, 1, [...MIGRATIONS, harmless]);
    expect(() => migrate(db, 2)).not.toThrow();
    expect(applied()).toHaveLength(LAST + 1);
  });

  test("refuses in words what a later release changed beyond reading", () => {
    migrate(db, 1, [...MIGRATIONS, harmless, breaking]);
    db.transact(() => db.run("UPDATE migrations SET applied_by = '9.8.7' WHERE name = 'breaking'"));
    const refusal = thrownBy(() => migrate(db, 2));
    expect(refusal).toBeInstanceOf(FetchmlError);
    expect(refusal).toMatchObject({ code: "box-unfit" });
    expect(refusal?.message).toContain("FetchML 9.8.7");
    expect(refusal?.message).toContain(PRODUCT_VERSION);
    expect(refusal?.message).toContain(`step ${LAST + 2}, breaking`);
    expect(refusal?.message.split("\n").length).toBeLessThanOrEqual(3);
  });
});

describe("openStore()", () => {
  test("makes a database with all migrations and opens it again", () => {
    openStore(folder.path, 5).close();
    const store = openStore(folder.path, 6);
    const times = store.all("SELECT DISTINCT applied_at FROM migrations");
    expect(times).toEqual([{ applied_at: 5 }]);
    store.close();
  });

  test("lets go of a database that it refuses", () => {
    const store = openStore(folder.path, 5);
    migrate(store, 5, [...MIGRATIONS, breaking]);
    store.close();
    expect(thrownBy(() => openStore(folder.path, 6))).toMatchObject({ code: "box-unfit" });
    // Whoever still had it open would stand in the way of this.
    const alone = new Database(join(folder.path, "fetchml.db"));
    alone.runScript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;");
    expect(alone.get("PRAGMA journal_mode")).toEqual({ journal_mode: "delete" });
    alone.close();
  });
});

function thrownBy(act: () => unknown): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
