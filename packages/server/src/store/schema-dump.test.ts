// Keeps the checked-in dump of the schema true.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dumpSchema } from "./schema-dump.ts";
import { openTempStore, type TempStore } from "./store.fixture.ts";

let store: TempStore;

beforeEach(() => {
  store = openTempStore();
});

afterEach(() => store.close());

describe("schema.sql", () => {
  test("is what a fresh database has: `npm run docs` brings it up to date", () => {
    const file = readFileSync(join(import.meta.dir, "schema.sql"), "utf8");
    expect(file).toBe(dumpSchema(store.db));
  });
});

describe("dumpSchema()", () => {
  test("shows every table and every index that was made by hand", () => {
    const dump = dumpSchema(store.db);
    const names = store.db
      .all<{ name: string }>("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL")
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("sqlite_"));
    expect(names).toContain("jobs_queue");
    for (const name of names) expect(dump).toContain(` ${name} `);
  });
});

describe("every table", () => {
  test("is STRICT, so that no column takes a value of another type", () => {
    const tables = store.db.all<{ name: string; strict: number }>(
      "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
    );
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables) expect(table).toEqual({ name: table.name, strict: 1 });
  });
});
