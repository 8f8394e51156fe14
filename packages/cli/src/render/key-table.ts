// Keys as a table.
import { isKeyOver, keyStateWords, type ApiKey } from "@fetchml/protocol";
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
    {
      text: plainText(keyStateWords(key, { now, shownTime: localTime })),
      paint: isKeyOver(key, now) ? palette.dim : palette.good,
    },
    localTime(key.created_at),
    // The server writes uses down only from time to time, and this call is one.
    key.id === idInUse ? "now" : lastUse(key, now),
  ]);
  return tableLines({ columns: COLUMNS, rows, width, paintTitles: palette.bold });
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
