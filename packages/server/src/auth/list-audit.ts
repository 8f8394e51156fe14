// Reads the audit page by page.
import type { ParamsOf, ResultOf } from "@fetchml/protocol";
import { auditPage } from "../store/audit.ts";
import type { AuthContext } from "./context.ts";

const DEFAULT_LIMIT = 100;

/** A page of the audit, newest first. */
export function listAudit(
  { db }: AuthContext,
  wish: ParamsOf<"audit.list">,
): Promise<ResultOf<"audit.list">> {
  const limit = wish.limit ?? DEFAULT_LIMIT;
  return db.read(() => {
    // One more than asked for tells whether there is another page.
    const rows = auditPage(db, {
      since: wish.since ?? null,
      beforeId: wish.before_id ?? null,
      limit: limit + 1,
    });
    const entries = rows.slice(0, limit).map((row) => ({ ...row, ok: row.ok === 1 }));
    const nextBeforeId = rows.length > limit ? (entries.at(-1)?.id ?? null) : null;
    return { entries, next_before_id: nextBeforeId };
  });
}
