// Tells a restored store what has become of the box that it remembers.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { formatExit } from "../executor/local/attempt-records.ts";
import { endUnbegun } from "../executor/local/observe-attempt.ts";
import { insertAudit } from "../store/audit.ts";
import { databaseFaults } from "../store/database-copy.ts";
import { Database } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import {
  attemptsAlive,
  countStored,
  forgetSnapshotsOfEnded,
  revokeEveryKey,
} from "../store/restored-store.ts";
import { brokenBackup } from "./broken-backup.ts";
import type { BackupLabel } from "./label.ts";
import { DATABASE } from "./member-names.ts";

/** What is settled, and how. */
export interface Settling {
  /** Where the files of the backup lie, which will be a data folder. */
  readonly root: string;
  readonly archivePath: string;
  readonly label: BackupLabel;
  readonly revokeAllKeys: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The account that restores. */
  readonly actor: string;
}

/** What the restored store holds. */
export interface SettledStore {
  readonly jobs: number;
  readonly users: number;
  /** Keys that are not revoked. */
  readonly keys: number;
  /** How many keys were revoked now. */
  readonly revoked: number;
  /** Attempts that ran when the backup was made. */
  readonly lost: number;
}

/**
 * Checks the database and makes it one of this box: attempts that ran then get an end that the server finds when it starts, and
 * ended jobs whose code was left behind count as never sent. Complete and closed on return, not yet synced.
 *
 * @throws FetchmlError bad-file (SQLite finds it damaged), box-unfit (of a newer release)
 */
export function settleRestored(settling: Settling): SettledStore {
  const { root, label, now, actor } = settling;
  const db = openChecked(settling);
  try {
    migrate(db, now);
    let revoked = 0;
    db.transact(() => {
      if (!label.with_blobs) forgetSnapshotsOfEnded(db);
      if (settling.revokeAllKeys) revoked = revokeEveryKey(db, now);
      const target = new Date(label.created_at).toISOString();
      const row = { at: now, actor, target, address: null, ok: 1, reason: null } as const;
      insertAudit(db, { ...row, action: "backup.restore" });
      if (settling.revokeAllKeys)
        insertAudit(db, { ...row, action: "key.revoke", target: "all keys" });
    });
    const alive = attemptsAlive(db);
    for (const { job_id: jobId, attempt } of alive) {
      const { control } = attemptFolder(root, { jobId, attempt });
      mkdirSync(control, { recursive: true, mode: 0o700 });
      endUnbegun(control, formatExit("lost", LOST));
    }
    return { ...countStored(db), revoked, lost: alive.length };
  } finally {
    db.close();
  }
}

const LOST = "It ran when the backup was made from which this server was restored.";

function openChecked({ root, archivePath }: Settling): Database {
  const whyNot = (fault: string) => brokenBackup(archivePath, `its database is damaged (${fault})`);
  let db: Database | null = null;
  try {
    db = new Database(join(root, DATABASE));
    const [fault] = databaseFaults(db);
    if (fault === undefined) return db;
    throw whyNot(fault);
  } catch (error) {
    db?.close();
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const isSqlite = error instanceof Error && /^SQLITE_(?!FULL|IOERR|CANTOPEN)/.test(code);
    throw isSqlite ? whyNot(error.message) : error;
  }
}
