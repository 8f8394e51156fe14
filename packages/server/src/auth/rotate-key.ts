// Rotates a key for its user, as the admin does it: a new key at once, the old one until the end of the grace.
import { FetchmlError, type ApiKey, type IssuedKey } from "@fetchml/protocol";
import {
  insertKey,
  keyById,
  keyForCheck,
  listKeys,
  revokeKey,
  type KeyCheckRow,
} from "../store/api-keys.ts";
import { revokePendingOf } from "../store/key-rotation.ts";
import { audited, type Actor } from "./audited.ts";
import type { AuthContext } from "./context.ts";
import { DEFAULT_GRACE_MS, takePlaceOf } from "./key-places.ts";
import { isValidKey, keyUnknown, userDisabled } from "./keys.ts";
import { knownUser } from "./known-user.ts";
import { makeKey } from "./new-key.ts";

/** Which key to rotate, and what becomes of the old one. */
export interface RotateWish {
  readonly id?: string;
  /** In place of the id: the one key of this user that is valid and was not replaced yet. */
  readonly user?: string;
  /** How long the old key works on, in milliseconds. Default {@link DEFAULT_GRACE_MS}. */
  readonly grace_ms?: number | undefined;
  /** The old key is revoked at once. */
  readonly leaked?: boolean | undefined;
}

/** The new key, shown this once, and the old one as it is now. */
export interface Rotation extends IssuedKey {
  readonly old: ApiKey;
  readonly closed_connections: number;
}

/**
 * Issues a key of the same label and the same length of life in place of another. A key that waited to take the old one's
 * place is revoked. Resolves when it is durable and, where the old key ends at once, its connections are closed.
 * @throws FetchmlError key-not-found, user-not-found, conflict (the key is not one that can be rotated; several fit)
 */
export async function rotateKey(ctx: AuthContext, by: Actor, wish: RotateWish): Promise<Rotation> {
  const made = makeKey(ctx);
  const which = wish.id ?? wish.user ?? "";
  const targetDone = `${which} -> ${made.id}`;
  const act = { ...by, action: "key.rotate", target: which, targetDone };
  const { rotation, closed } = await audited(ctx, act, () => {
    const old = wish.id === undefined ? onlyKeyOf(ctx, wish.user ?? "") : keyNamed(ctx, wish.id);
    refuseUnfit(old, ctx.clock.now());
    const fresh = insertSuccessor(ctx, old, made);
    const graceMs = wish.grace_ms ?? DEFAULT_GRACE_MS;
    const counted =
      wish.leaked === true
        ? endLeaked(ctx, old, made.id)
        : takePlaceOf(ctx, old, { by: made.id, graceMs });
    return { rotation: { ...fresh, old: keyNow(ctx, old.id) }, closed: counted };
  });
  return { ...rotation, closed_connections: closed() };
}

function insertSuccessor(
  { db, clock }: AuthContext,
  old: KeyCheckRow,
  made: { readonly id: string; readonly apiKey: string; readonly apiKeyHash: string },
): IssuedKey {
  const now = clock.now();
  revokePendingOf(db, old.id, now);
  const expiresAt = sameLife(old, now);
  insertKey(db, {
    id: made.id,
    user_id: old.user_id,
    api_key_hash: made.apiKeyHash,
    label: old.label,
    created_at: now,
    expires_at: expiresAt,
    replaces: old.id,
  });
  return {
    id: made.id,
    api_key: made.apiKey,
    api_key_hash: made.apiKeyHash,
    user: old.user,
    expires_at: expiresAt,
  };
}

/** When a key made now expires, so that it lives as long as the old one was made to; `null` for ever. */
export function sameLife(
  old: Pick<KeyCheckRow, "created_at" | "expires_at">,
  now: number,
): number | null {
  return old.expires_at === null ? null : now + Math.max(0, old.expires_at - old.created_at);
}

/** Ends a leaked key at once: its connections hear that it was revoked, not that it was replaced. */
function endLeaked(ctx: AuthContext, old: KeyCheckRow, by: string): () => number {
  const { db, clock, connections } = ctx;
  let closed = 0;
  db.afterCommit(() => {
    closed = connections.endKey(old.id, "key-revoked");
  });
  const closedBefore = takePlaceOf(ctx, old, { by, graceMs: 0 });
  revokeKey(db, old.id, clock.now());
  return () => closed + closedBefore();
}

function keyNamed({ db }: AuthContext, id: string): KeyCheckRow {
  const row = keyForCheck(db, id);
  if (row === null) throw keyUnknown(id);
  return row;
}

function keyNow({ db }: AuthContext, id: string): ApiKey {
  const key = keyById(db, id);
  if (key === null) throw new Error(`key ${id} was rotated and is gone`);
  return key;
}

function onlyKeyOf(ctx: AuthContext, name: string): KeyCheckRow {
  const now = ctx.clock.now();
  const valid = listKeys(ctx.db, knownUser(ctx.db, name).id).filter(
    (key) => isValidKey(key, now) && key.superseded_by === null && !key.pending,
  );
  const [only, ...others] = valid;
  if (only === undefined) {
    throw new FetchmlError(
      "conflict",
      `${name} has no valid key to rotate. Issue one with "fetchml key issue ${name}".`,
    );
  }
  if (others.length === 0) return keyNamed(ctx, only.id);
  const ids = valid.map((key) => (key.label === null ? key.id : `${key.id} (${key.label})`));
  throw new FetchmlError(
    "conflict",
    `${name} has ${valid.length} valid keys: ${ids.join(", ")}.\nName the one to rotate: fetchml key rotate ${only.id}`,
    { details: { ids: valid.map((key) => key.id) } },
  );
}

/** @throws FetchmlError conflict, with what to do instead */
function refuseUnfit(old: KeyCheckRow, now: number): void {
  const { id, user } = old;
  if (old.disabled_at !== null && old.removed_at === null) {
    throw userDisabled(user, `rotate the key ${id} of ${user}`);
  }
  const refuse = (why: string, next: string) => {
    throw new FetchmlError("conflict", `Cannot rotate the key ${id}: ${why}.\n${next}`);
  };
  if (old.removed_at !== null) {
    refuse(`its user ${user} was removed`, 'Add a user by another name with "fetchml user add".');
  }
  const issue = `"fetchml key issue ${user}" makes a new one.`;
  if (old.revoked_at !== null) refuse("it was revoked", issue);
  if (old.superseded_by !== null) {
    refuse(
      `${old.superseded_by} has taken its place already`,
      `If it leaked, ${old.superseded_by} may be in wrong hands too: "fetchml key rotate ${old.superseded_by} --leaked" ends both.`,
    );
  }
  if (old.pending_until !== null) {
    const next = `Rotate ${old.replaces ?? "that one"}, or revoke ${id}.`;
    refuse(`it was never used and waits to take the place of ${old.replaces ?? "another"}`, next);
  }
  if (old.expires_at !== null && old.expires_at <= now) refuse("it has expired", issue);
}
