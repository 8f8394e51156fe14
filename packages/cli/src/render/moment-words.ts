// Points in time for a person.
import { formatDuration } from "@fetchml/protocol";

/** Local date and time, such as `2026-11-22 21:04:33`. The first use costs 4 ms, which the time zone takes to load. */
export function localTime(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** `2h 05m ago`, `in 3d`, `now`. */
export function relativeTime(at: number, now: number): string {
  const distance = at - now;
  if (Math.abs(distance) < 1000) return "now";
  return distance < 0 ? `${formatDuration(-distance)} ago` : `in ${formatDuration(distance)}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}
