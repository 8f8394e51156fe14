// A database of an earlier release, with keys in it, is brought up to date.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { listKeys } from "./api-keys.ts";
import { Database } from "./database.ts";
import { migrate, MIGRATIONS } from "./migrate.ts";
import { openTempFolder, type TempFolder } from "./store.fixture.ts";

let folder: TempFolder;
beforeEach(() => {
  folder = openTempFolder();
});
afterEach(() => folder.remove());

test("migrate() keeps the keys of a database of the first step as they were", () => {
  const db = new Database(join(folder.path, "old.db"));
  migrate(db, 1, MIGRATIONS.slice(0, 1));
  db.runScript(`
    INSERT INTO users (id, name, role, created_at) VALUES (1, 'alice', 'member', 0);
    INSERT INTO api_keys (id, user_id, api_key_hash, created_at, expires_at, last_used_at)
      VALUES ('aaaa', 1, '${"a".repeat(64)}', 1, 100, 5), ('bbbb', 1, '${"b".repeat(64)}', 2, NULL, NULL);`);
  migrate(db, 2);
  const same = { superseded_by: null, pending: false, revoked_at: null };
  expect(listKeys(db, 1)).toMatchObject([
    { id: "aaaa", valid_until: 100, last_used_at: 5, ...same },
    { id: "bbbb", valid_until: null, ...same },
  ]);
  db.close();
});
