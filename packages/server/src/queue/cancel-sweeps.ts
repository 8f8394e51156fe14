// Cancels the many queued jobs of a user slice by slice, so that others are served in between.
import { FetchmlError, type Outcome } from "@fetchml/protocol";
import type { Clock } from "../domain/clock.ts";
import {
  closeSweep,
  countSwept,
  firstToSweep,
  markCancelled,
  sweepAfter,
} from "../store/cancel-sweeps.ts";
import type { Database } from "../store/database.ts";
import { announceCancelled, type News } from "./news.ts";

/** Jobs in one transaction: 5 to 10 ms, of which half is the commit. */
export const JOBS_A_SLICE = 500;

interface Waiting {
  readonly resolve: (count: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Goes on with the sweeps that the store holds, a slice of one user's and then of the next one's, whoever has opened them and however
 * many: there is one slice in a turn of the event loop. A sweep is open until its last job is cancelled, so nothing of it is lost with
 * the process; see {@link resume}.
 */
export class CancelSweeps {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #news: News;
  readonly #waiting = new Map<number, Waiting[]>();
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor({
    db,
    clock,
    news,
  }: {
    readonly db: Database;
    readonly clock: Clock;
    readonly news: News;
  }) {
    this.#db = db;
    this.#clock = clock;
    this.#news = news;
  }

  /**
   * Begins, with the commit of the write in which it is called, to sweep; resolves with how many jobs the user's sweep has cancelled in
   * all. @throws FetchmlError shutting-down, and the store's fault, which leaves the rest to {@link resume}
   */
  whenDone(userId: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#db.afterCommit(() => {
      if (this.#isClosed) {
        reject(shuttingDown());
        return;
      }
      this.#waiting.set(userId, [...(this.#waiting.get(userId) ?? []), { resolve, reject }]);
      this.#startUnheard();
    });
    return promise;
  }

  /** Goes on with what an earlier process, or a fault of the store, has left; resolves when no sweep is open. @throws the store's fault */
  async resume(): Promise<void> {
    const isOpen = await this.#db.read(() => sweepAfter(this.#db, 0) !== null);
    if (isOpen) await this.#start();
  }

  /** Stops after the slice that is under way; those who wait are told. Complete on return, safe twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running?.catch(() => undefined);
    this.#tellAll((waiting) => waiting.reject(shuttingDown()));
  }

  #start(): Promise<void> {
    this.#running ??= this.#sweepAll().finally(() => {
      this.#running = null;
      // Somebody may have come after the last look.
      if (this.#waiting.size > 0 && !this.#isClosed) this.#startUnheard();
    });
    return this.#running;
  }

  /** Those who wait hear of a fault by themselves. */
  #startUnheard(): void {
    void this.#start().catch(() => undefined);
  }

  async #sweepAll(): Promise<void> {
    let after = 0;
    try {
      while (!this.#isClosed) {
        const slice = await this.#db.write(() => this.#sweepSlice(after));
        if (slice === null) return;
        after = slice;
        // Those whose requests came in during the slice are heard before the next one.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.#tellAll((waiting) => waiting.reject(error));
      throw error;
    }
  }

  /** One slice of the next user's sweep; answers whose it was, `null` when none is open. */
  #sweepSlice(after: number): number | null {
    const db = this.#db;
    const sweep = sweepAfter(db, after) ?? sweepAfter(db, 0);
    if (sweep === null) return null;
    const { user_id: userId, user, asked_by: by } = sweep;
    const ids = firstToSweep(db, sweep, JOBS_A_SLICE);
    const endedAt = this.#clock.now();
    const outcome = outcomeOfQueued(by);
    if (ids.length > 0) {
      markCancelled(db, ids, { at: endedAt, outcome: JSON.stringify(outcome) });
      announceCancelled(
        { db, clock: this.#clock, news: this.#news },
        { user, ids, outcome, endedAt },
      );
    }
    if (ids.length === JOBS_A_SLICE) {
      countSwept(db, userId, ids.length);
      return userId;
    }
    closeSweep(db, userId);
    const total = sweep.cancelled + ids.length;
    // With this very commit: whoever opens another sweep in it waits for that one.
    db.afterCommit(() => this.#tell(userId, (waiting) => waiting.resolve(total)));
    return userId;
  }

  #tell(userId: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(userId) ?? [];
    this.#waiting.delete(userId);
    for (const each of waiting) how(each);
  }

  #tellAll(how: (waiting: Waiting) => void): void {
    for (const userId of this.#waiting.keys()) this.#tell(userId, how);
  }
}

/** How a job ends that somebody cancels while it is queued. */
export function outcomeOfQueued(by: string): Outcome {
  return { kind: "cancelled", by, exit_code: null };
}

function shuttingDown(): FetchmlError {
  return new FetchmlError(
    "shutting-down",
    "The server is stopping. Some of the jobs are cancelled; it goes on with the others when it starts again, and none of them runs before.",
  );
}
