// The schema as it stands after all migrations, as one text to read and to compare.
import type { Database } from "./database.ts";

/** Every table and index of the database, in the order of their names. */
export function dumpSchema(db: Database): string {
  const rows = db.all<{ sql: string }>(
    `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name`,
  );
  return `-- The schema after all migrations. Generated: \`npm run docs\`; a test compares it with a fresh database.\n\n${rows.map((row) => `${row.sql};\n`).join("\n")}`;
}
