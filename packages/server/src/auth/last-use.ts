// Notes when, from where and by what a key was last used, seldom and behind the caller's back.
import { redactApiKeys } from "@fetchml/protocol";
import type { Clock } from "../domain/clock.ts";
import { noteUse } from "../store/api-keys.ts";
import type { Database } from "../store/database.ts";
import type { Log } from "../telemetry/log.ts";

/** Least time between two notes of one key. */
export const LAST_USE_INTERVAL_MS = 30_000;

/** Delay of a note, so that no answer waits for its disk write and many keys share one. */
const DELAY_MS = 1_000;

const LONGEST_CLIENT = 80;

/** One use of a key. */
export interface KeyUse {
  readonly address: string;
  /** What the client calls itself; `null` when it does not say. */
  readonly client: string | null;
}

/** Notes uses in the store. A note that fails is logged and fails nothing else. */
export class LastUse {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #notedAt = new Map<string, number>();
  readonly #pending = new Map<string, KeyUse & { readonly at: number }>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: { readonly db: Database; readonly clock: Clock; readonly log: Log }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Notes a use unless one of that key was noted in the last 30 s. Returns at once. */
  note(keyId: string, use: KeyUse): void {
    const now = this.#clock.now();
    const last = this.#notedAt.get(keyId);
    // A clock that was set back must not keep uses from being noted.
    if (last !== undefined && now >= last && now - last < LAST_USE_INTERVAL_MS) return;
    this.#notedAt.set(keyId, now);
    this.#pending.set(keyId, { at: now, address: use.address, client: presentable(use.client) });
    this.#timer ??= setTimeout(() => void this.#flush(), DELAY_MS);
    this.#timer.unref();
  }

  /** Writes what is pending. Safe twice. */
  close(): Promise<void> {
    return this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending.size === 0) return;
    const uses = [...this.#pending];
    this.#pending.clear();
    try {
      await this.#db.write(() => {
        for (const [keyId, use] of uses) noteUse(this.#db, keyId, use);
      });
    } catch (error) {
      this.#log.warn("last-use-not-noted", { error });
    }
  }
}

function presentable(client: string | null): string | null {
  if (client === null) return null;
  const shown = redactApiKeys(client.slice(0, 4 * LONGEST_CLIENT)).replace(/[^\x20-\x7e…]/g, "?");
  return shown.slice(0, LONGEST_CLIENT);
}
