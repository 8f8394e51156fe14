// A database of an earlier release, with keys and jobs in it, is brought up to date.
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

test("migrate() keeps jobs, what refers to them and how many there are when it makes their table anew", () => {
  const db = new Database(join(folder.path, "old.db"));
  migrate(db, 1, MIGRATIONS.slice(0, 10));
  db.runScript(`
    INSERT INTO users (id, name, role, created_at) VALUES (1, 'alice', 'member', 0);
    INSERT INTO jobs (id, user_id, name, state, queue_rank, held, gpus, cpus, mem_bytes, retries, attempt, created_at, started_at, ended_at,
        outcome, command, cwd, env, git, redo_of, pinned_at, no_output_ms)
      VALUES (3, 1, 'first', 'failed', 3, 0, 1, 2, 5, 6, 1, 8, 9, 10, '{"kind":"lost"}', '{"argv":["a"]}', 'x', '{"A":"b"}', '{}', NULL, 11, 12),
        (7, 1, 'second', 'queued', 3, 1, 0, 1, 0, 0, 0, 8, NULL, NULL, NULL, '{}', '', '{}', NULL, 3, NULL, NULL);
    INSERT INTO attempts (job_id, number, started_at, gpu_uuids) VALUES (3, 1, 9, '[]');
    INSERT INTO job_files (job_id, ended_at) VALUES (3, 10);`);
  const jobs = () => db.all("SELECT * FROM jobs ORDER BY id");
  const others = () => [
    db.all("SELECT job_id FROM attempts UNION ALL SELECT job_id FROM job_files"),
    db.all("SELECT queued, waiting FROM queue_counts"),
  ];
  const before = { jobs: jobs(), others: others() };
  migrate(db, 2);
  expect({ jobs: jobs(), others: others() }).toEqual(before);
  expect(before.others[1]).toEqual([{ queued: 1, waiting: 0 }]);
  expect(db.all("PRAGMA foreign_key_check")).toEqual([]);
  expect(db.all("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  const orphan = `INSERT INTO attempts (job_id, number, started_at, gpu_uuids) VALUES (4, 1, 9, '[]')`;
  expect(() => db.runScript(orphan)).toThrow("FOREIGN KEY");
  db.runScript(`INSERT INTO jobs (user_id, name, state, queue_rank, held, gpus, cpus, mem_bytes, retries, attempt, created_at, command, cwd, env)
    VALUES (1, 'third', 'queued', 8, 0, 0, 1, 0, 0, 0, 0, '{}', '', '{}')`);
  expect(db.all("SELECT max(id) AS id FROM jobs")).toEqual([{ id: 8 }]);
  expect(others()[1]).toEqual([{ queued: 2, waiting: 1 }]);
  db.close();
});
