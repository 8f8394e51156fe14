// Points in time as people type them, in local time.
import { parseDuration } from "@fetchml/protocol";

/**
 * Reads when something may begin: `22:00` (the next time the clock shows it), `2026-12-01`, `2026-12-01T08:00` (a space
 * will do, and a zone such as `Z` or `+02:00` may follow), `+2h`, `now`.
 *
 * @returns epoch milliseconds; `null` for any other text, also for a day that no calendar has
 */
export function parseBegin(text: string, now: number): number | null {
  if (text === "now") return now;
  if (text.startsWith("+")) return shifted(text.slice(1), now, 1);
  const today = clockTime(text, now, 0);
  if (today !== null) return today > now ? today : clockTime(text, now, 1);
  return dateTime(text);
}

/**
 * Reads since when: `7d` (that long ago), `22:00` (the last time the clock showed it), `2026-12-01`, `2026-12-01T08:00`.
 *
 * @returns epoch milliseconds; `null` for any other text
 */
export function parseSince(text: string, now: number): number | null {
  const today = clockTime(text, now, 0);
  if (today !== null) return today <= now ? today : clockTime(text, now, -1);
  return dateTime(text) ?? shifted(text, now, -1);
}

function shifted(text: string, now: number, sign: 1 | -1): number | null {
  const duration = parseDuration(text);
  return duration === null ? null : Math.max(0, now + sign * duration);
}

function clockTime(text: string, now: number, dayShift: number): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (match === null) return null;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  if (hour > 23 || minute > 59) return null;
  const day = new Date(now);
  return new Date(
    day.getFullYear(),
    day.getMonth(),
    day.getDate() + dayShift,
    hour,
    minute,
  ).getTime();
}

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:?\d{2})?)?$/;

function dateTime(text: string): number | null {
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const utc = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date rolls the 30th of February over into March.
  if (utc.getUTCMonth() !== month - 1 || utc.getUTCDate() !== day) return null;
  const zone = match[7];
  if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second).getTime();
  if (zone === "Z") return utc.getTime();
  const digits = zone.replace(":", "");
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return utc.getTime() - (zone.startsWith("-") ? -1 : 1) * minutes * 60_000;
}
