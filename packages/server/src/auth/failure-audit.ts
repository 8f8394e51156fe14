// Writes refusals on the network to the audit, so few that a flood can neither fill the disk nor hide what else was done.
import type { Clock } from "../domain/clock.ts";
import { insertAudit } from "../store/audit.ts";
import type { Database } from "../store/database.ts";
import type { Log } from "../telemetry/log.ts";

/** Time in which refusals of one kind, of one actor, from one address and about one key, share a row. */
const SHARED_MS = 10 * 60_000;

/** Rows that may be written at once, and the time after which one more may be. */
const BURST = 60;
const REFILL_MS = 60_000;

/** Most kinds remembered; the oldest is forgotten first. */
const MOST_REMEMBERED = 1_000;

/** Delay of a row, so that no answer waits for its disk write and many share one. */
const DELAY_MS = 500;

/** One refusal. */
export interface Refusal {
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly address: string;
  readonly reason: string;
}

interface Kind {
  readonly writtenAt: number;
  unwritten: number;
}

/**
 * The first refusal of a kind gets a row. Those of the same kind in the ten minutes after it are counted, and the number is
 * in the kind's next row. Over all kinds there are at most 60 rows at once and one a minute: what is over that is counted and
 * told by the next row that is written. A row that cannot be written is logged and fails nothing else.
 */
export class FailureAudit {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #kinds = new Map<string, Kind>();
  #rows: (Refusal & { readonly at: number })[] = [];
  #left = BURST;
  #refilledAt: number;
  #overBudget = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: { readonly db: Database; readonly clock: Clock; readonly log: Log }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#refilledAt = options.clock.now();
  }

  /** Notes a refusal. Returns at once. */
  note(refusal: Refusal): void {
    const now = this.#clock.now();
    const { actor, action, address, target, reason: why } = refusal;
    // The actor too: behind a tunnel all have one address, and two people who try the same are two.
    const name = JSON.stringify([actor, action, address, target, why]);
    const known = this.#kinds.get(name);
    // A clock that was set back must not keep refusals from being noted.
    if (known !== undefined && now >= known.writtenAt && now - known.writtenAt < SHARED_MS) {
      known.unwritten += 1;
      return;
    }
    if (!this.#takeFromBudget(now)) {
      this.#overBudget += 1;
      return;
    }
    const more = [
      ...(known !== undefined && known.unwritten > 0 ? [`and ${known.unwritten} more before`] : []),
      ...(this.#overBudget > 0 ? [`and ${this.#overBudget} others`] : []),
    ];
    this.#overBudget = 0;
    this.#remember(name, now);
    const reason = [why, ...more].join(", ");
    this.#rows.push({ ...refusal, at: now, reason });
    this.#timer ??= setTimeout(() => void this.#flush(), DELAY_MS);
    this.#timer.unref();
  }

  /** Writes what waits. Safe twice. */
  close(): Promise<void> {
    return this.#flush();
  }

  #takeFromBudget(now: number): boolean {
    this.#left = Math.min(BURST, this.#left + Math.max(0, now - this.#refilledAt) / REFILL_MS);
    this.#refilledAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  #remember(name: string, now: number): void {
    this.#kinds.delete(name);
    this.#kinds.set(name, { writtenAt: now, unwritten: 0 });
    if (this.#kinds.size <= MOST_REMEMBERED) return;
    const [oldest] = this.#kinds;
    if (oldest === undefined) return;
    this.#overBudget += oldest[1].unwritten;
    this.#kinds.delete(oldest[0]);
  }

  async #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0) return;
    try {
      await this.#db.write(() => {
        for (const row of rows) insertAudit(this.#db, { ...row, ok: 0 });
      });
    } catch (error) {
      this.#log.warn("refusals-not-audited", { error, rows: rows.length });
    }
  }
}
