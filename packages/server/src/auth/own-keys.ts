// What users do with their own keys: look at them, and take a new one in place of the one they use.
import { FetchmlError, type ApiKey, type ResultOf } from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import { insertKey, keyForCheck, listKeys, type KeyCheckRow } from "../store/api-keys.ts";
import { revokePendingOf } from "../store/key-rotation.ts";
import { countOwnRotationsSince, OWN_ROTATION } from "../store/own-rotations.ts";
import { actorOf, recorded } from "./audited.ts";
import type { AuthContext } from "./context.ts";
import { DEFAULT_GRACE_MS } from "./key-places.ts";
import { keyInvalid, problemOf } from "./key-problem.ts";
import { makeKey } from "./new-key.ts";
import { sameLife } from "./rotate-key.ts";

/** Time in which a key that its user has made must be used, else it is dead: an hour. */
export const PENDING_MS = 3_600_000;

/** Keys that a user may take in an hour: ids are few, and somebody who asks for more is a program gone wrong. */
const MOST_AN_HOUR = 20;

/** The caller's keys, also those that have ended, oldest first. */
export function listOwnKeys({ db }: AuthContext, holder: KeyHolder): Promise<ApiKey[]> {
  return db.read(() => listKeys(db, holder.userId));
}

/**
 * Makes a key of the same label and length of life as the one that calls. It is pending: its first use puts it in the
 * caller's place, and until then nothing changes. One that was made before and never used is revoked. A refusal is not
 * audited here: whoever may be refused without end is for the caller to note.
 * @throws FetchmlError conflict (the key was replaced already), quota-exceeded, key-revoked, key-expired, key-invalid
 */
export function rotateOwnKey(
  ctx: AuthContext,
  holder: KeyHolder,
  address: string | null,
): Promise<ResultOf<"own-key.rotate">> {
  const made = makeKey(ctx);
  const { db, clock } = ctx;
  const act = {
    ...actorOf(holder, address),
    action: OWN_ROTATION,
    target: holder.keyId,
    targetDone: `${holder.keyId} -> ${made.id}`,
  };
  return recorded(ctx, act, () => {
    const now = clock.now();
    const old = stillValid(ctx, holder, now);
    if (countOwnRotationsSince(db, old.user_id, now - 3_600_000) >= MOST_AN_HOUR) throw tooMany();
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
      pending_until: now + PENDING_MS,
    });
    return {
      id: made.id,
      api_key: made.apiKey,
      expires_at: expiresAt,
      old_id: old.id,
      grace_ms: DEFAULT_GRACE_MS,
    };
  });
}

function stillValid({ db }: AuthContext, holder: KeyHolder, now: number): KeyCheckRow {
  const old = keyForCheck(db, holder.keyId);
  if (old === null) throw keyInvalid();
  const problem = problemOf(old, now);
  if (problem !== null) throw problem;
  if (old.superseded_by === null) return old;
  throw new FetchmlError(
    "conflict",
    `The key ${old.id} was replaced by ${old.superseded_by} already, and works only until its grace is over.\nUse ${old.superseded_by}; if it is not yours, tell your admin: somebody else has ${old.id}.`,
  );
}

function tooMany(): FetchmlError {
  return new FetchmlError(
    "quota-exceeded",
    `You have taken ${MOST_AN_HOUR} new keys within an hour, and may take no more for now. Try again in an hour, or ask your admin.`,
  );
}
