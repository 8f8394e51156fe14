// How a key stands, in the words that admin and user both read.
import { formatDuration } from "./quantity-duration.ts";
import type { ApiKey } from "./user.ts";

const DAY_MS = 86_400_000;

/** From how many days before its end on a key's end is worth a warning. */
export const KEY_WARN_DAYS = 14;

/** What the words depend on beside the key. */
export interface KeyStateView {
  /** Epoch milliseconds. */
  readonly now: number;
  /** A moment as the reader is shown it. */
  readonly shownTime: (at: number) => string;
}

/** What has become of a key: `good until …`, `revoked …`, `replaced by kpaz, good until …`. */
export function keyStateWords(key: ApiKey, { now, shownTime }: KeyStateView): string {
  const { valid_until: until } = key;
  if (key.revoked_at !== null) return `revoked ${shownTime(key.revoked_at)}`;
  if (until === null) return "good, never expires";
  const isOver = isKeyOver(key, now);
  const end = shownTime(until);
  if (key.pending) return isOver ? "never used in time" : `waits for its first use until ${end}`;
  if (key.superseded_by !== null) {
    return `replaced by ${key.superseded_by}, ${isOver ? "ended" : "good until"} ${end}`;
  }
  if (isOver) return `expired ${end}`;
  const near = isKeyEndNear(until, now) ? `, ${timeLeftWords(until - now)}` : "";
  return `good until ${end}${near}`;
}

/** Whether a key is revoked or at its end. */
export function isKeyOver({ revoked_at, valid_until }: ApiKey, now: number): boolean {
  return revoked_at !== null || (valid_until !== null && valid_until <= now);
}

/** Whether an end, epoch milliseconds, is so near that its user should be warned; not after it. */
export function isKeyEndNear(endsAt: number | null, now: number): boolean {
  return endsAt !== null && endsAt > now && endsAt - now <= KEY_WARN_DAYS * DAY_MS;
}

/** `10 days left`, and below a day `5h left`. A key of 180 days has 180 days left a moment after it was issued. */
export function timeLeftWords(leftMs: number): string {
  if (leftMs < DAY_MS) return `${formatDuration(Math.max(0, leftMs))} left`;
  const days = Math.ceil(leftMs / DAY_MS);
  return days === 1 ? "1 day left" : `${days} days left`;
}
