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

/** What is done, for the audit. */
export interface AuditedAct extends Actor {
  readonly action: string;
  /** What it was asked for, as the row of a refusal names it. */
  readonly target: string;
  /** The same once it is done, where that also names what was made. Default: `target`. */
  readonly targetDone?: string;
}

interface Audited {
  readonly db: Database;
  readonly clock: Clock;
}

/**
 * Does the work of the admin on the box and adds its row; resolves when both are durable. A refusal (FetchmlError) undoes
 * the work, and leaves a row that tells of it. Not for what keys may call: theirs could be refused without end.
 */
export async function audited<T>(ctx: Audited, act: AuditedAct, work: () => T): Promise<T> {
  try {
    return await recorded(ctx, act, work);
  } catch (error) {
    if (error instanceof FetchmlError) {
      const { db, clock } = ctx;
      await db.write(() =>
        insertAudit(db, rowOf(act, { at: clock.now(), ok: 0, reason: error.code })),
      );
    }
    throw error;
  }
}

/** Does the work and adds its row; resolves when both are durable. What is refused is undone and leaves no row. */
export function recorded<T>({ db, clock }: Audited, act: AuditedAct, work: () => T): Promise<T> {
  return db.write(() => {
    const answer = work();
    const target = act.targetDone ?? act.target;
    insertAudit(db, rowOf({ ...act, target }, { at: clock.now(), ok: 1, reason: null }));
    return answer;
  });
}

function rowOf(
  { actor, action, target, address }: AuditedAct,
  end: Pick<AuditEntry, "at" | "ok" | "reason">,
): AuditEntry {
  return { actor, action, target, address, ...end };
}
