// `fetchml audit`: who did what to users and keys, and who was refused.
import { EXIT, FetchmlError, parseDuration, type AuditRow } from "@fetchml/protocol";
import { callAsAdmin } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { printJson, printTable, say, shownTime } from "./output.ts";

/** Rows that one call brings. */
const PAGE = 1000;

/** Rows shown where no time is given. */
const LAST_ROWS = 100;

/** `fetchml audit [--since 7d] [--json]`: oldest first; without a time the last hundred rows. */
export async function run({ flags }: Invocation): Promise<number> {
  const entries = await readRows(flags);
  if (flags["json"] === true) printJson(entries);
  else if (entries.length === 0) say("The audit has no rows from that time.");
  else {
    printTable(
      ["TIME", "ACTOR", "ACTION", "TARGET", "FROM", "RESULT"],
      entries.map((row) => rowCells(row)),
    );
  }
  return EXIT.ok;
}

async function readRows(flags: Invocation["flags"]): Promise<readonly AuditRow[]> {
  const since = parseSince(flags["since"]);
  if (since === undefined) {
    const { entries } = await callAsAdmin(flags, "audit.list", { limit: LAST_ROWS });
    return entries.toReversed();
  }
  const newestFirst: AuditRow[] = [];
  let before: number | null = null;
  do {
    const page: { entries: AuditRow[]; next_before_id: number | null } = await callAsAdmin(
      flags,
      "audit.list",
      { since, limit: PAGE, ...(before !== null && { before_id: before }) },
    );
    newestFirst.push(...page.entries);
    before = page.next_before_id;
  } while (before !== null);
  return newestFirst.toReversed();
}

function parseSince(text: string | boolean | undefined): number | undefined {
  if (typeof text !== "string") return undefined;
  const ms = parseDuration(text);
  if (ms !== null) return Date.now() - ms;
  throw new FetchmlError(
    "usage",
    `--since takes a time back from now, such as 7d or 12h; not ${JSON.stringify(text)}.`,
  );
}

function rowCells(row: AuditRow): readonly string[] {
  return [
    shownTime(row.at),
    row.actor,
    row.action,
    row.target ?? "",
    row.address ?? "this box",
    row.ok ? "ok" : `refused: ${row.reason ?? "?"}`,
  ];
}
