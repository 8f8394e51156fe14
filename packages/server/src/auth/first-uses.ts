// The first use of a pending key: it becomes the key, and the old one's grace begins.
import type { Clock } from "../domain/clock.ts";
import { insertAudit } from "../store/audit.ts";
import { keyForCheck, type KeyCheckRow } from "../store/api-keys.ts";
import type { Database } from "../store/database.ts";
import { activateKey } from "../store/key-rotation.ts";
import type { Connections } from "./connections.ts";
import { DEFAULT_GRACE_MS, takePlaceOf } from "./key-places.ts";
import { problemOf } from "./key-problem.ts";

/**
 * Makes first uses durable before the holder gets any answer. A crash before that leaves the old key as it was and the
 * new one pending; a crash after it leaves the new one valid and the old one in its grace.
 */
export class FirstUses {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: {
    readonly db: Database;
    readonly clock: Clock;
    readonly connections: Connections;
  }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#connections = options.connections;
  }

  /**
   * Resolves when the key's first use is durable: at once for a key that is not pending. Rejects when it cannot be stored,
   * and then nobody was let in.
   */
  async settle(row: Pick<KeyCheckRow, "id" | "pending_until">, address: string): Promise<void> {
    // While one request's first use is being stored, others see the key as used already: they too wait for the disk.
    const underWay = this.#underWay.get(row.id);
    if (underWay !== undefined) return underWay;
    if (row.pending_until === null) return undefined;
    const settled = this.#activate(row.id, address).finally(() => this.#underWay.delete(row.id));
    this.#underWay.set(row.id, settled);
    return settled;
  }

  #activate(id: string, address: string): Promise<void> {
    const ctx = { db: this.#db, clock: this.#clock, connections: this.#connections };
    return this.#db.write(() => {
      const now = this.#clock.now();
      // What keeps it from being activated is found and told by the check that follows.
      if (!activateKey(this.#db, id, now)) return;
      const old = keyForCheck(this.#db, keyForCheck(this.#db, id)?.replaces ?? "");
      // An old key that has ended by itself needs no grace.
      if (old !== null && problemOf(old, now) === null) {
        takePlaceOf(ctx, old, { by: id, graceMs: DEFAULT_GRACE_MS });
      }
      insertAudit(this.#db, {
        at: now,
        actor: id,
        action: "own-key.first-use",
        target: `${old?.id ?? "?"} -> ${id}`,
        address,
        ok: 1,
        reason: null,
      });
    });
  }
}
