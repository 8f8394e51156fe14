// How often users have taken a new key themselves, from the audit: the keys do not tell who has made them.
import type { Database } from "./database.ts";

/** The audit's name for a user's rotation of the own key. */
export const OWN_ROTATION = "own-key.rotate";

/** How many keys a user has taken in place of own ones since a time; those that an admin has issued do not count. */
export function countOwnRotationsSince(db: Database, userId: number, since: number): number {
  const own = new Set(
    db
      .all<{ id: string }>("SELECT id FROM api_keys WHERE user_id = $userId", { userId })
      .map(({ id }) => id),
  );
  let count = 0;
  // From the newest row back: few are so young, and no index is needed.
  const rows = db.iterate<{ at: number; actor: string; action: string; ok: 0 | 1 }>(
    "SELECT at, actor, action, ok FROM audit WHERE id <= $last ORDER BY id DESC",
    { last: Number.MAX_SAFE_INTEGER },
  );
  for (const { at, actor, action, ok } of rows) {
    if (at < since) break;
    if (action === OWN_ROTATION && ok === 1 && own.has(actor)) count += 1;
  }
  return count;
}
