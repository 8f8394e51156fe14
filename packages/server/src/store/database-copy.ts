// Copies a database of a server at work, and asks SQLite whether a database is whole.
import { Database } from "./database.ts";

/**
 * Writes what is committed now into a new file: rows only, nothing of what was deleted. The server goes on meanwhile, and nothing
 * that it commits later is in the copy. Takes as long as the file is large, and blocks.
 *
 * @throws SQLite's error when the file is there already
 */
export function copyDatabase(from: string, to: string): void {
  const db = new Database(from);
  try {
    db.runScript(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } finally {
    db.close();
  }
}

/** What SQLite finds wrong with a database, at most some sentences; none when it is whole. */
export function databaseFaults(db: Database): readonly string[] {
  const faults = db
    .all<{ integrity_check: string }>("PRAGMA integrity_check(3)")
    .map((row) => row.integrity_check)
    .filter((word) => word !== "ok");
  const broken = db.get<{ table: string; parent: string }>("PRAGMA foreign_key_check");
  return broken === null
    ? faults
    : [...faults, `a row of ${broken.table} names one of ${broken.parent} that is not there`];
}
