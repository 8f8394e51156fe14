// Says until when a key works, and why it does not any more.
import { FetchmlError, type KeyEnd } from "@fetchml/protocol";
import type { KeyCheckRow } from "../store/api-keys.ts";

/** When a key stops to work unless it is revoked before; epoch milliseconds, `null` for never. */
export function validUntil(
  row: Pick<KeyCheckRow, "expires_at" | "grace_ends_at" | "pending_until">,
): number | null {
  const ends = [row.expires_at, row.grace_ends_at, row.pending_until].filter((at) => at !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Why a key does not let its holder in; `null` when it does. Only for whoever has shown the whole secret. */
export function problemOf(row: KeyCheckRow, now: number): FetchmlError | null {
  if (row.revoked_at !== null) {
    return new FetchmlError(
      "key-revoked",
      `The API key ${row.id} was revoked. Ask your admin for a new one, then "ml login".`,
    );
  }
  return endOf(row, now) ?? (isShutOut(row) ? keyInvalid() : null);
}

/** The same as {@link problemOf} in a word, for whoever was let in before and so may learn what became of the user. */
export function keyEndOf(row: KeyCheckRow, now: number): KeyEnd | null {
  if (row.removed_at !== null) return "user-removed";
  if (row.revoked_at !== null) return "key-revoked";
  if (row.grace_ends_at !== null && row.grace_ends_at <= now) return "key-replaced";
  if (endOf(row, now) !== null) return "key-expired";
  return row.disabled_at === null ? null : "user-disabled";
}

/** The one answer for keys that are wrong, unknown, or of users who are shut out. */
export function keyInvalid(): FetchmlError {
  return new FetchmlError(
    "key-invalid",
    'The API key was not accepted: it is wrong or no longer valid. Check it with "ml login", or ask your admin for a new one.',
  );
}

function endOf(row: KeyCheckRow, now: number): FetchmlError | null {
  if (row.pending_until !== null && row.pending_until <= now) {
    return new FetchmlError(
      "key-expired",
      `The API key ${row.id} was not used in time after it was made, so the key ${row.replaces ?? "before it"} has stayed. Use that one, or ask your admin for a new one.`,
    );
  }
  if (row.grace_ends_at !== null && row.grace_ends_at <= now) {
    return new FetchmlError(
      "key-expired",
      `The API key ${row.id} was replaced by ${row.superseded_by ?? "another"}, and works no longer. Use the new one, or ask your admin, then "ml login".`,
    );
  }
  if (row.expires_at !== null && row.expires_at <= now) {
    const day = new Date(row.expires_at).toISOString().slice(0, 10);
    return new FetchmlError(
      "key-expired",
      `The API key ${row.id} expired on ${day}. Ask your admin for a new one, then "ml login".`,
    );
  }
  return null;
}

function isShutOut(row: KeyCheckRow): boolean {
  return row.disabled_at !== null || row.removed_at !== null;
}
