// Makes a large store out of a small one: copies a job's rows many times in one transaction, with the server stopped.
import { Database } from "bun:sqlite";
import { join } from "node:path";

/** Tables with rows of a job, and the column that names it; the job first. */
const TABLES = [
  ["jobs", "id"],
  ["attempts", "job_id"],
  ["job_files", "job_id"],
] as const;

/**
 * Adds copies of a job, with all columns that the schema has, under new ids. What jobs have left on disk is not copied, so copies of
 * an ended job count as if retention had been there.
 */
export function cloneJobs(dataDir: string, jobId: number, copies: number): void {
  const db = new Database(join(dataDir, "fetchml.db"), { strict: true });
  try {
    db.run("PRAGMA journal_mode = WAL");
    db.run("BEGIN IMMEDIATE");
    const last = Number(db.query("SELECT max(id) FROM jobs").values()[0]?.[0]);
    for (const [table, idColumn] of TABLES) {
      const columns = db.query(`SELECT name FROM pragma_table_info('${table}')`).values();
      const names = columns.map(([name]) => String(name));
      const values = names.map((name) => (name === idColumn ? "n.id" : (VALUES[name] ?? name)));
      db.query(
        `WITH RECURSIVE n (id) AS (SELECT $last + 1 UNION ALL SELECT id + 1 FROM n WHERE id < $last + $copies)
         INSERT INTO ${table} (${names.join(", ")})
         SELECT ${values.join(", ")} FROM n, (SELECT * FROM ${table} WHERE ${idColumn} = $jobId) AS model`,
      ).run({ last, copies, jobId });
    }
    db.run("COMMIT");
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
}

/** Columns that are not copied as they are. */
const VALUES: Readonly<Record<string, string>> = {
  queue_rank: "n.id",
  submission: "NULL",
  work_removed_at: "ended_at",
  checkpoints_removed_at: "ended_at",
  outputs_removed_at: "ended_at",
  log_removed_at: "ended_at",
};
