// Opens the database of a data folder, ready for use.
import { join } from "node:path";
import { Database } from "./database.ts";
import { migrate } from "./migrate.ts";

/** Name of the database file in a data folder. */
export const DATABASE_FILE = "fetchml.db";

/**
 * Opens or creates the database and applies what migrations it lacks. The caller owns the data folder's lock.
 * @throws FetchmlError box-unfit when a newer release has changed it.
 */
export function openStore(dataDir: string, now: number): Database {
  const db = new Database(join(dataDir, DATABASE_FILE));
  try {
    migrate(db, now);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}
