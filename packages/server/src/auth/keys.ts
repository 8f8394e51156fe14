// Issues, lists and revokes API keys.
import { FetchmlError, type ApiKey, type IssuedKey } from "@fetchml/protocol";
import { insertKey, keyById, listKeys, revokeKey } from "../store/api-keys.ts";
import { revokePendingOf } from "../store/key-rotation.ts";
import { audited, type Actor } from "./audited.ts";
import type { AuthContext } from "./context.ts";
import { storedLabel } from "./key-label.ts";
import { knownUser } from "./known-user.ts";
import { makeKey } from "./new-key.ts";

/** How long a key is valid unless told otherwise: 180 days. */
export const DEFAULT_VALID_MS = 180 * 24 * 3_600_000;

/** Keys that one call has ended, and how many connections it has closed. */
export interface Revocation {
  /** Whose keys they are. */
  readonly user: string;
  readonly keys: ApiKey[];
  readonly closed_connections: number;
}

/** Whether a key is neither revoked nor at its end: expired, replaced with its grace over, or never used in time. */
export function isValidKey(key: Pick<ApiKey, "revoked_at" | "valid_until">, now: number): boolean {
  return key.revoked_at === null && (key.valid_until === null || key.valid_until > now);
}

/** When a key that is made now expires. @param validMs `null` for ever, left out for {@link DEFAULT_VALID_MS} */
export function expiryOf(validMs: number | null | undefined, now: number): number | null {
  return validMs === null ? null : now + (validMs ?? DEFAULT_VALID_MS);
}

/**
 * Issues a key to a user; the answer is the only one that ever shows it. Resolves when it is durable.
 * @param wish `valid_ms`: how long from now, `null` for ever, left out for {@link DEFAULT_VALID_MS}.
 * @throws FetchmlError user-not-found, conflict (the user is disabled), invalid-params (the label holds a key)
 */
export function issueKey(
  ctx: AuthContext,
  by: Actor,
  wish: {
    readonly user: string;
    readonly label?: string | undefined;
    readonly valid_ms?: number | null | undefined;
  },
): Promise<IssuedKey> {
  const { id, apiKey, apiKeyHash } = makeKey(ctx);
  const { user: name } = wish;
  const act = { ...by, action: "key.issue", target: name, targetDone: `${name} ${id}` };
  return audited(ctx, act, () => {
    const user = knownUser(ctx.db, name);
    if (user.disabled_at !== null) throw userDisabled(name, `issue a key to ${name}`);
    const now = ctx.clock.now();
    const expiresAt = expiryOf(wish.valid_ms, now);
    insertKey(ctx.db, {
      id,
      user_id: user.id,
      api_key_hash: apiKeyHash,
      label: storedLabel(wish.label),
      created_at: now,
      expires_at: expiresAt,
    });
    return {
      id,
      api_key: apiKey,
      api_key_hash: apiKeyHash,
      user: user.name,
      expires_at: expiresAt,
    };
  });
}

/**
 * Keys as lists show them: of one user, or of all where none is named.
 * @throws FetchmlError user-not-found
 */
export function listApiKeys({ db }: AuthContext, user: string | undefined): Promise<ApiKey[]> {
  return db.read(() => listKeys(db, user === undefined ? null : knownUser(db, user).id));
}

/**
 * Revokes one key, or all keys of a user, and closes their connections before it resolves. A key that was revoked already
 * is not in the answer; one that waits to take the place of a revoked one is revoked with it. `also` is done in the same transaction.
 * @throws FetchmlError key-not-found, user-not-found
 */
export async function revokeKeys(
  ctx: AuthContext,
  by: Actor,
  which: ({ readonly id: string } | { readonly user: string }) & {
    /** Handed whose keys they are. */
    readonly also?: (user: string) => void;
  },
): Promise<Revocation> {
  const target = "id" in which ? which.id : which.user;
  let closed = 0;
  const answer = await audited(ctx, { ...by, action: "key.revoke", target }, () => {
    const meant = "id" in which ? [knownKey(ctx, which.id)] : keysOf(ctx, which.user);
    const user = "user" in which ? which.user : (meant[0]?.user ?? "");
    const now = ctx.clock.now();
    const revoked = meant.flatMap((key) => revokeWithPending(ctx, key.id, now));
    which.also?.(user);
    ctx.db.afterCommit(() => {
      for (const id of revoked) closed += ctx.connections.endKey(id, "key-revoked");
    });
    return { user, keys: revoked.map((id) => knownKey(ctx, id)) };
  });
  return { ...answer, closed_connections: closed };
}

function keysOf({ db }: AuthContext, user: string): ApiKey[] {
  return listKeys(db, knownUser(db, user).id);
}

/** Revokes a key, and the one that its holder has made to take its place: a thief may have asked for that one. */
function revokeWithPending({ db }: AuthContext, id: string, now: number): readonly string[] {
  const pending = revokePendingOf(db, id, now);
  const revoked = revokeKey(db, id, now) ? [id] : [];
  return pending === null ? revoked : [...revoked, pending];
}

function knownKey({ db }: AuthContext, id: string): ApiKey {
  const key = keyById(db, id);
  if (key === null) throw keyUnknown(id);
  return key;
}

/** The error for an id that no key has. */
export function keyUnknown(id: string): FetchmlError {
  return new FetchmlError(
    "key-not-found",
    `There is no key ${id}. "fetchml key list" shows the keys with their ids; a user is named with --user.`,
  );
}

/** The error for a key asked for a user who is shut out. @param what could not be done, such as `issue a key to bob` */
export function userDisabled(name: string, what: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `Cannot ${what}: the user is disabled. "fetchml user enable ${name}" first.`,
  );
}
