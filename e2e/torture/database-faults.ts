// What SQLite itself finds wrong with the database of a data folder.
import { Database } from "bun:sqlite";
import { join } from "node:path";

/** What `PRAGMA integrity_check` and `foreign_key_check` find, a sentence each. */
export function databaseFaults(dataDir: string): readonly string[] {
  const db = new Database(join(dataDir, "fetchml.db"), { readonly: true });
  try {
    const integrity = db.query<{ integrity_check: string }, []>("PRAGMA integrity_check").all();
    const broken = db.query("PRAGMA foreign_key_check").all();
    return [
      ...integrity.map((row) => row.integrity_check).filter((word) => word !== "ok"),
      ...broken.map((row) => `foreign key: ${JSON.stringify(row)}`),
    ];
  } finally {
    db.close();
  }
}
