// Keys as a table.
import type { ApiKey } from "@fetchml/protocol";
import type { JobTableLook } from "./job-table.ts";
import { localTime, relativeTime } from "./moment-words.ts";
import { plainText } from "./plain-text.ts";
import { tableLines, type Column } from "./table.ts";

/** How keys are shown. */
export interface KeyTableLook extends JobTableLook {
  /** The key that this machine uses; it is marked. */
  readonly idInUse: string | null;
}

/** One line a key, in the order given, below a line of titles. */
export function keyTable(keys: readonly ApiKey[], look: KeyTableLook): string {
  const { palette, width, now, idInUse } = look;
  const rows = keys.map((key) => [
    plainText(key.id),
    key.id === idInUse ? "here" : "",
    plainText(key.label ?? ""),
    { text: keyStateWords(key, now), paint: isOver(key, now) ? palette.dim : palette.good },
    localTime(key.created_at),
    lastUse(key, now),
  ]);
  return tableLines({ columns: COLUMNS, rows, width, paintTitles: palette.bold });
}

/** What has become of a key: `good until …`, `revoked …`, `replaced by kpaz, good until …`. */
export function keyStateWords(key: ApiKey, now: number): string {
  if (key.revoked_at !== null) return `revoked ${localTime(key.revoked_at)}`;
  const isGood = !isOver(key, now);
  if (key.pending) return isGood ? "waits for its first use" : "never used in time";
  const until = key.valid_until === null ? "" : ` ${localTime(key.valid_until)}`;
  if (key.superseded_by !== null) {
    const by = `replaced by ${plainText(key.superseded_by)}`;
    return isGood ? `${by}, good until${until}` : `${by}, ended${until}`;
  }
  if (key.valid_until === null) return "good, never expires";
  return isGood ? `good until${until}` : `expired${until}`;
}

function isOver({ revoked_at, valid_until }: ApiKey, now: number): boolean {
  return revoked_at !== null || (valid_until !== null && valid_until <= now);
}

function lastUse(key: ApiKey, now: number): string {
  if (key.last_used_at === null) return "never";
  const from = key.last_used_address === null ? "" : ` from ${plainText(key.last_used_address)}`;
  // The clock of the server may be a little ahead.
  return `${relativeTime(Math.min(key.last_used_at, now), now)}${from}`;
}

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "USED" },
  { title: "LABEL", shrinksTo: 6, optional: true },
  { title: "STATE" },
  { title: "CREATED", optional: true },
  { title: "LAST USED", optional: true },
];
