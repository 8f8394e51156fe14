// How a key stands, in words for the admin.
import type { ApiKey } from "@fetchml/protocol";
import { shownTime } from "./output.ts";

const DAY_MS = 86_400_000;

/** From how long before its end on a key's end is worth a warning: 14 days. */
export const WARN_BEFORE_MS = 14 * DAY_MS;

/** What the column STATE of `fetchml key list` says. */
export function keyState(key: ApiKey, now: number): string {
  const { valid_until: until } = key;
  if (key.revoked_at !== null) return `revoked ${shownTime(key.revoked_at)}`;
  if (until === null) return "never expires";
  const isOver = until <= now;
  if (key.pending) return isOver ? "never used, dead" : `pending until ${shownTime(until)}`;
  if (key.superseded_by !== null) {
    const by = `superseded by ${key.superseded_by}`;
    return isOver ? by : `${by}, works until ${shownTime(until)}`;
  }
  if (isOver) return `expired ${shownTime(until)}`;
  return isEndNear(key, now) ? `expires in ${daysWords(until - now)}` : `until ${shownTime(until)}`;
}

/** Whether a valid key that nothing has replaced ends within {@link WARN_BEFORE_MS}. */
export function isEndNear(key: ApiKey, now: number): boolean {
  const { valid_until: until } = key;
  if (key.revoked_at !== null || key.pending || key.superseded_by !== null) return false;
  return until !== null && until > now && until - now <= WARN_BEFORE_MS;
}

/** The warning below a list about keys that end soon; `null` when none does. */
export function endWarning(keys: readonly ApiKey[], now: number): string | null {
  const near = keys.filter((key) => isEndNear(key, now));
  const [first] = near;
  if (first === undefined) return null;
  const names = near.map((key) => `${key.id} (${key.user})`).join(", ");
  return `Within 14 days ${near.length === 1 ? "a key expires" : `${near.length} keys expire`}: ${names}.\nA new one in its place: fetchml key rotate ${first.id}`;
}

function daysWords(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  if (days === 0) return "less than a day";
  return days === 1 ? "1 day" : `${days} days`;
}
