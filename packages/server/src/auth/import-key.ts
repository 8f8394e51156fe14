// Takes in a key that was issued before, as after a lost database: its id and hash are all that is needed.
import { FetchmlError, type ApiKey } from "@fetchml/protocol";
import { hashExists, insertKey, keyById } from "../store/api-keys.ts";
import { audited, type Actor } from "./audited.ts";
import type { AuthContext } from "./context.ts";
import { expiryOf, userDisabled } from "./keys.ts";
import { storedLabel } from "./key-label.ts";
import { knownUser } from "./known-user.ts";

/** What is known of the key. */
export interface ImportWish {
  readonly user: string;
  readonly id: string;
  /** 64 lower-case hex digits. */
  readonly api_key_hash: string;
  readonly label?: string | undefined;
  /** How long from now, `null` for ever, left out for 180 days. */
  readonly valid_ms?: number | null | undefined;
}

/**
 * Stores a key by its id and hash; whoever holds the key is let in from then on. Resolves when it is durable.
 * @throws FetchmlError user-not-found, conflict (the user is disabled; the id or the hash is known already), invalid-params
 *   (the label holds a key)
 */
export function importKey(ctx: AuthContext, by: Actor, wish: ImportWish): Promise<ApiKey> {
  const act = { ...by, action: "key.import", target: `${wish.user} ${wish.id}` };
  return audited(ctx, act, () => {
    const { db } = ctx;
    const user = knownUser(db, wish.user);
    if (user.disabled_at !== null) throw userDisabled(wish.user, `import a key for ${wish.user}`);
    const taken = keyById(db, wish.id);
    if (taken !== null) throw idTaken(taken);
    if (hashExists(db, wish.api_key_hash)) throw hashTaken(wish.id);
    const now = ctx.clock.now();
    insertKey(db, {
      id: wish.id,
      user_id: user.id,
      api_key_hash: wish.api_key_hash,
      label: storedLabel(wish.label),
      created_at: now,
      expires_at: expiryOf(wish.valid_ms, now),
    });
    const key = keyById(db, wish.id);
    if (key === null) throw new Error(`key ${wish.id} was imported and is gone`);
    return key;
  });
}

function idTaken(key: ApiKey): FetchmlError {
  const state = key.revoked_at === null ? "" : ", and was revoked";
  return new FetchmlError(
    "conflict",
    `Cannot import the key ${key.id}: a key of ${key.user} has this id already${state}.\n"fetchml key issue" makes a new one.`,
  );
}

function hashTaken(id: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `Cannot import the key ${id}: another id has the same hash, so one of the two ids is wrong.\nThe id is the four symbols after "fetchml_".`,
  );
}
