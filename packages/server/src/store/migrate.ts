// Brings a database to this release's schema, and refuses one that a newer release has changed beyond reading.
import { FetchmlError, PRODUCT_VERSION } from "@fetchml/protocol";
import first from "./migrations/0001-first.sql" with { type: "text" };
import keyRotation from "./migrations/0002-key-rotation.sql" with { type: "text" };
import jobGit from "./migrations/0003-job-git.sql" with { type: "text" };
import jobRedo from "./migrations/0004-job-redo.sql" with { type: "text" };
import jobSetup from "./migrations/0005-job-setup.sql" with { type: "text" };
import retention from "./migrations/0006-retention.sql" with { type: "text" };
import drains from "./migrations/0007-drains.sql" with { type: "text" };
import retryOn from "./migrations/0008-retry-on.sql" with { type: "text" };
import jobSecrets from "./migrations/0009-job-secrets.sql" with { type: "text" };
import noOutput from "./migrations/0010-no-output.sql" with { type: "text" };
import stateChecks from "./migrations/0011-state-checks.sql" with { type: "text" };
import peakMemory from "./migrations/0012-peak-memory.sql" with { type: "text" };
import cancelSweeps from "./migrations/0013-cancel-sweeps.sql" with { type: "text" };
import type { Database } from "./database.ts";

/** One numbered SQL file. Its first line says whether programs that do not know it may still open the database. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** All migrations of this release, in order. Forward only; a released file never changes. */
export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: "first", sql: first },
  { number: 2, name: "key-rotation", sql: keyRotation },
  { number: 3, name: "job-git", sql: jobGit },
  { number: 4, name: "job-redo", sql: jobRedo },
  { number: 5, name: "job-setup", sql: jobSetup },
  { number: 6, name: "retention", sql: retention },
  { number: 7, name: "drains", sql: drains },
  { number: 8, name: "retry-on", sql: retryOn },
  { number: 9, name: "job-secrets", sql: jobSecrets },
  { number: 10, name: "no-output", sql: noOutput },
  { number: 11, name: "state-checks", sql: stateChecks },
  { number: 12, name: "peak-memory", sql: peakMemory },
  { number: 13, name: "cancel-sweeps", sql: cancelSweeps },
];

const TABLE = `CREATE TABLE IF NOT EXISTS migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  breaking INTEGER NOT NULL CHECK (breaking IN (0, 1)),
  applied_at INTEGER NOT NULL,
  applied_by TEXT NOT NULL
) STRICT;`;

/**
 * Applies what is missing, each file in a transaction of its own.
 * @throws FetchmlError box-unfit when a newer release has left a breaking change.
 */
export function migrate(
  db: Database,
  now: number,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  db.runScript(TABLE);
  const applied = db.all<{ number: number; name: string; breaking: number; applied_by: string }>(
    "SELECT number, name, breaking, applied_by FROM migrations ORDER BY number",
  );
  const known = new Set(migrations.map((migration) => migration.number));
  const beyond = applied.find((each) => each.breaking === 1 && !known.has(each.number));
  if (beyond !== undefined) {
    throw new FetchmlError(
      "box-unfit",
      `The database was changed by FetchML ${beyond.applied_by} in a way that this one, ${PRODUCT_VERSION}, cannot read (step ${beyond.number}, ${beyond.name}).\nInstall FetchML ${beyond.applied_by} or newer, or restore a backup from before the upgrade.`,
    );
  }
  const done = new Set(applied.map((each) => each.number));
  for (const migration of migrations) {
    if (!done.has(migration.number)) apply(db, migration, now);
  }
}

/** Whether the file's first line says that programs which do not know it may no longer open the database. */
export function isBreaking({ number, sql }: Migration): boolean {
  const said = /^-- breaking: (yes|no)\b/.exec(sql)?.[1];
  if (said === undefined)
    throw new Error(
      `migration ${number} does not begin with "-- breaking: yes" or "-- breaking: no"`,
    );
  return said === "yes";
}

function apply(db: Database, migration: Migration, now: number): void {
  const breaking = isBreaking(migration) ? 1 : 0;
  // A table that others refer to can only be made anew while nobody minds, and inside a transaction nobody can be told so.
  db.runScript("PRAGMA foreign_keys = OFF");
  try {
    db.transact(() => {
      db.runScript(migration.sql);
      db.run(
        `INSERT INTO migrations (number, name, breaking, applied_at, applied_by)
         VALUES ($number, $name, $breaking, $now, $by)`,
        { number: migration.number, name: migration.name, breaking, now, by: PRODUCT_VERSION },
      );
    });
  } finally {
    db.runScript("PRAGMA foreign_keys = ON");
  }
}
