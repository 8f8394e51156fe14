// Does an admin's act and its audit row in one transaction.
import { FetchmlError } from "@fetchml/protocol";
import type { Clock } from "../domain/clock.ts";
import type { Principal } from "../domain/principal.ts";
import { insertAudit, type AuditEntry } from "../store/audit.ts";
import type { Database } from "../store/database.ts";

/** Who acts. */
export interface Actor {
  /** A key's id, or the account on the box. */
  readonly actor: string;
  /** Where the call came from; `null` on the box itself. */
  readonly address: string | null;
}

/** The actor that a principal is. */
export function actorOf(principal: Principal, address: string | null): Actor {
  return { actor: principal.kind === "key" ? principal.keyId : principal.user, address };
}

/**
 * Does the work and adds its row; resolves when both are durable. A refusal (FetchmlError) undoes the work, and leaves a
 * row that tells of it.
 */
export async function audited<T>(
  ctx: { readonly db: Database; readonly clock: Clock },
  act: Actor & { readonly action: string; readonly target: string },
  work: () => T,
): Promise<T> {
  const { db, clock } = ctx;
  const row = (ok: 0 | 1, reason: string | null): AuditEntry => ({
    at: clock.now(),
    actor: act.actor,
    action: act.action,
    target: act.target,
    address: act.address,
    ok,
    reason,
  });
  try {
    return await db.write(() => {
      const answer = work();
      insertAudit(db, row(1, null));
      return answer;
    });
  } catch (error) {
    if (error instanceof FetchmlError) await db.write(() => insertAudit(db, row(0, error.code)));
    throw error;
  }
}
