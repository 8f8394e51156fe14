// Statements about the audit: rows are added, never changed.
import type { Database } from "./database.ts";

/** One line of who did what. Never holds a key or a hash. */
export interface AuditEntry {
  readonly at: number;
  /** Key id, or the account on the box. */
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly address: string | null;
  readonly ok: 0 | 1;
  readonly reason: string | null;
}

/** Adds a row. */
export function insertAudit(db: Database, entry: AuditEntry): void {
  db.run(
    `INSERT INTO audit (at, actor, action, target, address, ok, reason)
     VALUES ($at, $actor, $action, $target, $address, $ok, $reason)`,
    { ...entry },
  );
}

/** Rows from the newest on: at or after a time, with an id below another. */
export function auditPage(
  db: Database,
  page: {
    readonly since: number | null;
    readonly beforeId: number | null;
    readonly limit: number;
  },
): (AuditEntry & { readonly id: number })[] {
  return db.all<AuditEntry & { readonly id: number }>(
    `SELECT id, at, actor, action, target, address, ok, reason FROM audit
     WHERE id < $before AND at >= $since ORDER BY id DESC LIMIT $limit`,
    {
      before: page.beforeId ?? Number.MAX_SAFE_INTEGER,
      since: page.since ?? Number.MIN_SAFE_INTEGER,
      limit: page.limit,
    },
  );
}
