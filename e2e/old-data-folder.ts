// A data folder as the program of an earlier schema has left it, with rows in every table of that schema.
import { Database } from "bun:sqlite";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey, generateKeyId, hashApiKey, keyIdOf } from "@fetchml/protocol";

const MIGRATIONS = join(import.meta.dir, "../packages/server/src/store/migrations");

/** Names of the migration files, in their order: each was the last one of a schema that a program had. */
export const MIGRATION_FILES = readdirSync(MIGRATIONS)
  .filter((name) => /^\d{4}-.*\.sql$/.test(name))
  .toSorted();

/** Keys of the users in such a folder. */
export interface OldKeys {
  /** Alice's, still good. */
  readonly alice: string;
  /** Alice's from before, revoked. */
  readonly revoked: string;
  /** Bob's, an admin. */
  readonly bob: string;
}

/** Ids of the jobs in such a folder, all of Alice. */
export const OLD_JOBS = { done: 1, failed: 2, cancelled: 3, running: 4, next: 5, held: 6 } as const;

/**
 * Makes one, as the first so many migrations leave it. The box was restarted since.
 *
 * @throws Error when a table of that schema got no row: a migration that adds a table adds a line to {@link rowsOf}.
 */
export function makeOldDataFolder(dataDir: string, migrations: number): OldKeys {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const keys = { alice: newKey(), revoked: newKey(), bob: newKey() };
  const db = new Database(join(dataDir, "fetchml.db"), { create: true, strict: true });
  try {
    db.run("PRAGMA journal_mode = WAL");
    db.run("PRAGMA foreign_keys = ON");
    db.run(`CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, breaking INTEGER NOT NULL
            CHECK (breaking IN (0, 1)), applied_at INTEGER NOT NULL, applied_by TEXT NOT NULL) STRICT`);
    for (const file of MIGRATION_FILES.slice(0, migrations)) applyMigration(db, file);
    for (const [table, row] of rowsOf(keys)) insertWhatFits(db, table, row);
    requireRows(db);
  } finally {
    db.close();
  }
  const control = join(dataDir, "attempts", `${OLD_JOBS.running}.1`, "control");
  mkdirSync(control, { recursive: true, mode: 0o700 });
  writeFileSync(join(control, "supervisor"), "4711 12345 the-boot-before 12300\n");
  writeFileSync(join(control, "log"), "as far as it got\n");
  return keys;
}

type Row = Readonly<Record<string, string | number | null>>;

/** A row for each table, with every column that some schema has: those that a schema lacks are left out. */
function rowsOf(keys: OldKeys): readonly (readonly [table: string, row: Row])[] {
  const snapshot = "5".repeat(64);
  const job = (id: number, state: string, columns: Row): readonly [string, Row] => {
    const name = `job-${id}`;
    return ["jobs", { ...JOB, id, name, queue_rank: id, state, ...columns }];
  };
  const ended = (outcome: object) => ({
    attempt: 1,
    started_at: 1000,
    ended_at: 2000,
    outcome: JSON.stringify(outcome),
  });
  const attempt = (jobId: number, outcome: object | null): readonly [string, Row] => {
    const [ended_at, text] = outcome === null ? [null, null] : [2000, JSON.stringify(outcome)];
    return [
      "attempts",
      {
        job_id: jobId,
        number: 1,
        started_at: 1000,
        ended_at,
        gpu_uuids: "[]",
        outcome: text,
        ...(outcome !== null && { peak_mem_bytes: 5, peak_mem_of: "process" }),
      },
    ];
  };
  const failed = { kind: "exited", exit_code: 3 };
  const done = { kind: "exited", exit_code: 0 };
  return [
    ["users", { id: 1, name: "alice", role: "member", created_at: 1 }],
    ["users", { id: 2, name: "bob", role: "admin", created_at: 1 }],
    ["api_keys", keyRow(keys.alice, 1, { label: "laptop", last_used_at: 5 })],
    ["api_keys", keyRow(keys.revoked, 1, { revoked_at: 3 })],
    ["api_keys", keyRow(keys.bob, 2, {})],
    ["snapshots", { id: snapshot, created_at: 1, file_count: 0, size_bytes: 0 }],
    ["snapshot_holders", { user_id: 1, snapshot }],
    ["blob_holders", { user_id: 1, hash: "6".repeat(64) }],
    job(OLD_JOBS.done, "succeeded", { ...ended(done), snapshot }),
    job(OLD_JOBS.failed, "failed", ended(failed)),
    job(OLD_JOBS.cancelled, "cancelled", {
      ended_at: 2000,
      cancelled_by: "alice",
      outcome: JSON.stringify({ kind: "cancelled", by: "alice", exit_code: null }),
    }),
    job(OLD_JOBS.running, "running", { attempt: 1, started_at: 1000 }),
    job(OLD_JOBS.next, "queued", {}),
    job(OLD_JOBS.held, "queued", { held: 1 }),
    attempt(OLD_JOBS.done, done),
    attempt(OLD_JOBS.failed, failed),
    attempt(OLD_JOBS.running, null),
    ["job_files", { job_id: OLD_JOBS.done, ended_at: 2000 }],
    ["job_files", { job_id: OLD_JOBS.failed, ended_at: 2000 }],
    ["cancel_sweeps", { user_id: 2, up_to_job: 0, asked_by: "bob", asked_at: 1, cancelled: 1 }],
    ["drains", { target: "GPU-gone", since: 1, drained_by: "bob" }],
    ["audit", { at: 1, actor: "admin", action: "user.add", target: "alice", ok: 1 }],
  ];
}

const JOB: Row = {
  user_id: 1,
  held: 0,
  gpus: 0,
  cpus: 1,
  mem_bytes: 0,
  retries: 0,
  attempt: 0,
  created_at: 500,
  command: JSON.stringify({ argv: ["echo", "from", "before"] }),
  cwd: "",
  env: JSON.stringify({ COLOUR: "green" }),
};

/** Tables that a program of that schema leaves as the migration has made them, or empty. */
const WITHOUT_ROWS = new Set(["queue_counts", "spare_room", "sqlite_sequence", "migrations"]);

function newKey(): string {
  const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
  return generateApiKey({ id: generateKeyId(randomBytes), randomBytes });
}

function keyRow(key: string, userId: number, columns: Row): Row {
  const id = keyIdOf(key) ?? "";
  return { id, user_id: userId, api_key_hash: hashApiKey(key), created_at: 2, ...columns };
}

function applyMigration(db: Database, file: string): void {
  const sql = readFileSync(join(MIGRATIONS, file), "utf8");
  const [number = "", ...words] = file.replace(".sql", "").split("-");
  db.run(sql);
  db.query(
    "INSERT INTO migrations (number, name, breaking, applied_at, applied_by) VALUES ($number, $name, $breaking, 1, '0.0.1')",
  ).run({
    number: Number(number),
    name: words.join("-"),
    breaking: sql.startsWith("-- breaking: yes") ? 1 : 0,
  });
}

function insertWhatFits(db: Database, table: string, row: Row): void {
  const columns = db
    .query<{ name: string }, []>(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => name)
    .filter((name) => row[name] !== undefined);
  if (columns.length === 0) return;
  const values = columns.map((name) => `$${name}`).join(", ");
  const bindings = Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));
  // The triggers of a schema may have written the row already.
  const sql = `INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${values})`;
  db.query(sql).run(bindings);
}

function requireRows(db: Database): void {
  const tables = db
    .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all();
  for (const { name } of tables) {
    const row = db.query(`SELECT 1 FROM ${name}`).get();
    if (row === null && !WITHOUT_ROWS.has(name)) {
      throw new Error(`${name} has no row: add one to rowsOf() of e2e/old-data-folder.ts`);
    }
  }
}
