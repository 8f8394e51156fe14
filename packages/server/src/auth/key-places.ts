// Lets one key take the place of another within a transaction, and tells the live connections after it.
import { FetchmlError } from "@fetchml/protocol";
import type { KeyCheckRow } from "../store/api-keys.ts";
import { endGraceBefore, supersedeKey } from "../store/key-rotation.ts";
import type { AuthContext } from "./context.ts";

/** How long an old key works on beside the one that has taken its place, unless told otherwise: 24 hours. */
export const DEFAULT_GRACE_MS = 24 * 3_600_000;

type Places = Pick<AuthContext, "db" | "clock" | "connections">;

/**
 * Puts a key in another's place: the old one works until the end of the grace, never beyond its own expiry. A key that the
 * old one had replaced ends at once, so that two are valid at most. Inside a transaction; answers what after the commit
 * tells how many connections were closed.
 * @throws FetchmlError conflict, when the old key was replaced, revoked or has expired meanwhile
 */
export function takePlaceOf(
  { db, clock, connections }: Places,
  old: Pick<KeyCheckRow, "id" | "expires_at">,
  change: { readonly by: string; readonly graceMs: number },
): () => number {
  const now = clock.now();
  const graceEndsAt = Math.min(now + change.graceMs, old.expires_at ?? Number.MAX_SAFE_INTEGER);
  const before = endGraceBefore(db, old.id, now);
  if (!supersedeKey(db, old.id, { by: change.by, graceEndsAt, now }))
    throw changedMeanwhile(old.id);
  let closed = 0;
  db.afterCommit(() => {
    for (const id of before) closed += connections.replaceKey(id, now);
    closed += connections.replaceKey(old.id, graceEndsAt);
  });
  return () => closed;
}

function changedMeanwhile(id: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `The key ${id} is no longer what it was: it was replaced or revoked, or it has expired. "fetchml key list" shows how it stands.`,
  );
}
