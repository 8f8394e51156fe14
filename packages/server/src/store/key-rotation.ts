// Statements that let one key take the place of another.
import type { Database } from "./database.ts";

/**
 * Marks a key as replaced, with the end of its grace; answers whether it did. It does not when the key was replaced or
 * revoked already, or has expired: of two who rotate at once the second learns of the first.
 */
export function supersedeKey(
  db: Database,
  id: string,
  change: { readonly by: string; readonly graceEndsAt: number; readonly now: number },
): boolean {
  return (
    db.run(
      `UPDATE api_keys SET superseded_by = $by, grace_ends_at = $graceEndsAt
       WHERE id = $id AND superseded_by IS NULL AND revoked_at IS NULL AND pending_until IS NULL
         AND (expires_at IS NULL OR expires_at > $now)`,
      { id, ...change },
    ).changes === 1
  );
}

/** Makes a pending key a full one; answers whether it did. It does not after its deadline, nor when it was revoked. */
export function activateKey(db: Database, id: string, now: number): boolean {
  return (
    db.run(
      `UPDATE api_keys SET pending_until = NULL WHERE id = $id AND pending_until > $now AND revoked_at IS NULL`,
      { id, now },
    ).changes === 1
  );
}

/** Revokes the key that waits to take this one's place; answers its id, `null` when none waits. */
export function revokePendingOf(db: Database, id: string, now: number): string | null {
  const pending = db.get<{ id: string }>(
    "SELECT id FROM api_keys WHERE replaces = $id AND pending_until IS NOT NULL AND revoked_at IS NULL",
    { id },
  );
  if (pending === null) return null;
  db.run("UPDATE api_keys SET revoked_at = $now WHERE id = $id", { id: pending.id, now });
  return pending.id;
}

/** Ends the grace of the keys that this one has replaced; answers the ids of those that still worked. */
export function endGraceBefore(db: Database, id: string, now: number): readonly string[] {
  const before = db.all<{ id: string }>(
    "SELECT id FROM api_keys WHERE superseded_by = $id AND revoked_at IS NULL AND grace_ends_at > $now",
    { id, now },
  );
  for (const key of before) {
    db.run("UPDATE api_keys SET grace_ends_at = $now WHERE id = $id", { id: key.id, now });
  }
  return before.map((key) => key.id);
}
