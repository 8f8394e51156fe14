// Statements about API keys. The hash leaves this file only to be compared.
import type { ApiKey, Role } from "@fetchml/protocol";
import type { Database } from "./database.ts";

/** A key with what authentication needs to know of its user. */
export interface KeyCheckRow {
  readonly id: string;
  readonly api_key_hash: string;
  readonly label: string | null;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly superseded_by: string | null;
  readonly grace_ends_at: number | null;
  /** The key in whose place it was made. */
  readonly replaces: string | null;
  readonly pending_until: number | null;
  readonly created_at: number;
  readonly user_id: number;
  readonly user: string;
  readonly role: Role;
  readonly disabled_at: number | null;
  readonly removed_at: number | null;
}

/** The key of that public id with its user. */
export function keyForCheck(db: Database, id: string): KeyCheckRow | null {
  return db.get<KeyCheckRow>(
    `SELECT k.id, k.api_key_hash, k.label, k.expires_at, k.revoked_at, k.superseded_by, k.grace_ends_at,
       k.replaces, k.pending_until, k.created_at, u.id AS user_id, u.name AS user, u.role, u.disabled_at,
       u.removed_at
     FROM api_keys AS k JOIN users AS u ON u.id = k.user_id WHERE k.id = $id`,
    { id },
  );
}

/** Adds a key; throws SQLite's constraint error when the id or the hash exists. */
export function insertKey(
  db: Database,
  key: {
    readonly id: string;
    readonly user_id: number;
    readonly api_key_hash: string;
    readonly label: string | null;
    readonly created_at: number;
    readonly expires_at: number | null;
    readonly replaces?: string;
    readonly pending_until?: number;
  },
): void {
  db.run(
    `INSERT INTO api_keys (id, user_id, api_key_hash, label, created_at, expires_at, replaces, pending_until)
     VALUES ($id, $user_id, $api_key_hash, $label, $created_at, $expires_at, $replaces, $pending_until)`,
    { replaces: null, pending_until: null, ...key },
  );
}

/** Whether a key of that public id exists. */
export function keyIdExists(db: Database, id: string): boolean {
  return db.get("SELECT 1 FROM api_keys WHERE id = $id", { id }) !== null;
}

/** Whether a key of that hash exists. */
export function hashExists(db: Database, hash: string): boolean {
  return db.get("SELECT 1 FROM api_keys WHERE api_key_hash = $hash", { hash }) !== null;
}

/** Revokes a key unless it is revoked already; answers whether it did. */
export function revokeKey(db: Database, id: string, at: number): boolean {
  return (
    db.run("UPDATE api_keys SET revoked_at = $at WHERE id = $id AND revoked_at IS NULL", { id, at })
      .changes === 1
  );
}

/** Notes the last use of a key. */
export function noteUse(
  db: Database,
  id: string,
  use: { readonly at: number; readonly address: string; readonly client: string | null },
): void {
  db.run(
    `UPDATE api_keys SET last_used_at = $at, last_used_address = $address, last_used_client = $client WHERE id = $id`,
    { id, ...use },
  );
}

/** Later than any time: the largest whole number that JavaScript tells from its neighbours. */
const NEVER = Number.MAX_SAFE_INTEGER;

const LISTED = `k.id, u.name AS user, k.label, k.created_at, k.expires_at, k.revoked_at, k.superseded_by,
  NULLIF(MIN(IFNULL(k.expires_at, ${NEVER}), IFNULL(k.grace_ends_at, ${NEVER}), IFNULL(k.pending_until, ${NEVER})), ${NEVER})
    AS valid_until,
  k.pending_until IS NOT NULL AS pending, k.last_used_at, k.last_used_address, k.last_used_client`;

type ListedRow = Omit<ApiKey, "pending"> & { readonly pending: 0 | 1 };

function listed(row: ListedRow): ApiKey {
  return { ...row, pending: row.pending === 1 };
}

/** Keys as lists show them, of one user or of all, oldest first. */
export function listKeys(db: Database, userId: number | null): ApiKey[] {
  return db
    .all<ListedRow>(
      `SELECT ${LISTED} FROM api_keys AS k JOIN users AS u ON u.id = k.user_id
       ${userId === null ? "" : "WHERE k.user_id = $userId"} ORDER BY u.name, k.created_at, k.id`,
      userId === null ? {} : { userId },
    )
    .map(listed);
}

/** One key as lists show it. */
export function keyById(db: Database, id: string): ApiKey | null {
  const row = db.get<ListedRow>(
    `SELECT ${LISTED} FROM api_keys AS k JOIN users AS u ON u.id = k.user_id WHERE k.id = $id`,
    { id },
  );
  return row === null ? null : listed(row);
}
