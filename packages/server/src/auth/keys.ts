// Issues, lists and revokes API keys.
import {
  FetchmlError,
  generateApiKey,
  generateKeyId,
  hashApiKey,
  type ApiKey,
  type IssuedKey,
} from "@fetchml/protocol";
import { insertKey, keyById, keyIdExists, listKeys, revokeKey } from "../store/api-keys.ts";
import { audited, type Actor } from "./audited.ts";
import type { AuthContext } from "./context.ts";
import { knownUser } from "./known-user.ts";

/** How long a key is valid unless told otherwise: 180 days. */
export const DEFAULT_VALID_MS = 180 * 24 * 3_600_000;

/** Draws of an id before giving up; with a thousand keys one draw in a thousand meets a taken one. */
const MOST_DRAWS = 100;

/** Keys that one call has ended, and how many connections it has closed. */
export interface Revocation {
  readonly keys: ApiKey[];
  readonly closed_connections: number;
}

/** Whether a key is neither revoked nor expired. */
export function isValidKey(key: Pick<ApiKey, "revoked_at" | "expires_at">, now: number): boolean {
  return key.revoked_at === null && (key.expires_at === null || key.expires_at > now);
}

/**
 * Issues a key to a user; the answer is the only one that ever shows it. Resolves when it is durable.
 * @param wish `valid_ms`: how long from now, `null` for ever, left out for {@link DEFAULT_VALID_MS}.
 * @throws FetchmlError user-not-found, conflict (the user is disabled)
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
  const id = drawKeyId(ctx);
  return audited(ctx, { ...by, action: "key.issue", target: `${wish.user} ${id}` }, () => {
    const user = knownUser(ctx.db, wish.user);
    if (user.disabled_at !== null) throw userDisabled(wish.user);
    const now = ctx.clock.now();
    const validMs = wish.valid_ms === undefined ? DEFAULT_VALID_MS : wish.valid_ms;
    const expiresAt = validMs === null ? null : now + validMs;
    const apiKey = generateApiKey({ id, randomBytes: ctx.randomBytes });
    const apiKeyHash = hashApiKey(apiKey);
    insertKey(ctx.db, {
      id,
      user_id: user.id,
      api_key_hash: apiKeyHash,
      label: wish.label ?? null,
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
 * is not in the answer.
 * @throws FetchmlError key-not-found, user-not-found
 */
export async function revokeKeys(
  ctx: AuthContext,
  by: Actor,
  which: { readonly id: string } | { readonly user: string },
): Promise<Revocation> {
  const target = "id" in which ? which.id : which.user;
  let closed = 0;
  const keys = await audited(ctx, { ...by, action: "key.revoke", target }, () => {
    const meant =
      "id" in which
        ? [knownKey(ctx, which.id)]
        : listKeys(ctx.db, knownUser(ctx.db, which.user).id);
    const now = ctx.clock.now();
    const revoked = meant.filter((key) => revokeKey(ctx.db, key.id, now));
    ctx.db.afterCommit(() => {
      for (const key of revoked) closed += ctx.connections.endKey(key.id, "key-revoked");
    });
    return revoked.map((key) => ({ ...key, revoked_at: now }));
  });
  return { keys, closed_connections: closed };
}

function drawKeyId({ db, randomBytes }: AuthContext): string {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const id = generateKeyId(randomBytes);
    if (!keyIdExists(db, id)) return id;
  }
  throw new FetchmlError(
    "conflict",
    "No free key id was found: nearly all of the million ids are taken.",
  );
}

function knownKey({ db }: AuthContext, id: string): ApiKey {
  const key = keyById(db, id);
  if (key !== null) return key;
  throw new FetchmlError(
    "key-not-found",
    `There is no key ${id}. "fetchml key list" shows the keys with their ids.`,
  );
}

function userDisabled(name: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `Cannot issue a key to ${name}: the user is disabled. "fetchml user enable ${name}" first.`,
  );
}
