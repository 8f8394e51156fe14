// Looks for damage in a database file.
import { Database } from "./database.ts";

/** What SQLite's `quick_check` complains of first; `null` when the file is whole. Another process may have it open. */
export function quickCheck(path: string): string | null {
  let db: Database | null = null;
  try {
    db = new Database(path);
    const found = db.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check ?? "ok";
    return found === "ok" ? null : (found.split("\n").at(-1) ?? found);
  } catch (error) {
    return error instanceof Error ? error.message : "it cannot be read";
  } finally {
    db?.close();
  }
}
