// How a key stands, in words for the admin.
import {
  isKeyEndNear,
  isKeyOver,
  KEY_WARN_DAYS,
  keyStateWords,
  type ApiKey,
} from "@fetchml/protocol";
import { shownTime } from "./output.ts";

/** What the column STATE of `fetchml key list` says. */
export function keyState(key: ApiKey, now: number): string {
  return keyStateWords(key, { now, shownTime });
}

/** The warning below a list about keys that end soon; `null` when none does. */
export function endWarning(keys: readonly ApiKey[], now: number): string | null {
  const near = keys.filter((key) => isEndNear(key, now));
  const [first] = near;
  if (first === undefined) return null;
  const names = near.map((key) => `${key.id} (${key.user})`).join(", ");
  return `Within ${KEY_WARN_DAYS} days ${near.length === 1 ? "a key expires" : `${near.length} keys expire`}: ${names}.\nA new one in its place: fetchml key rotate ${first.id}`;
}

/** Whether it ends soon and nothing has taken its place or is to. */
export function isEndNear(key: ApiKey, now: number): boolean {
  const isPlain = !isKeyOver(key, now) && !key.pending && key.superseded_by === null;
  return isPlain && isKeyEndNear(key.valid_until, now);
}
