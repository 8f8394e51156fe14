// The connections that are open now, by the key that opened them, so that a key's end is theirs too.
import type { KeyEnd } from "@fetchml/protocol";
import type { Clock } from "../domain/clock.ts";

/** Why connections are ended. */
export type ConnectionEnd = KeyEnd;

/** A socket or a transfer that a key has opened. */
export interface LiveConnection {
  readonly keyId: string;
  readonly userId: number;
  /** When its key stops to work; epoch milliseconds, `null` for never. Comes nearer when the key is replaced. */
  expiresAt: number | null;
  /** Ends it: nothing more of it is handled or sent once this has returned. Called at most once. */
  end(why: ConnectionEnd): void;
}

/** Timers of Node cannot wait longer than 24 days, and a clock that was set must be noticed. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Knows every live connection. Register a connection first and check its key afterwards: then no revocation can fall
 * between the two. A connection whose key expires, or whose key's grace is over, is ended at that time.
 */
export class Connections {
  readonly #clock: Clock;
  readonly #live = new Set<LiveConnection>();
  readonly #replaced = new WeakSet<LiveConnection>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are open. */
  get size(): number {
    return this.#live.size;
  }

  /** Registers a connection; returns what takes it out again, safe twice. */
  add(connection: LiveConnection): () => void {
    this.#live.add(connection);
    this.#armFor(connection.expiresAt);
    return () => this.#live.delete(connection);
  }

  /** Ends every connection of a key; answers how many there were. */
  endKey(keyId: string, why: ConnectionEnd): number {
    return this.#endWhere((connection) => connection.keyId === keyId, why);
  }

  /** Ends every connection of a user; answers how many there were. */
  endUser(userId: number, why: ConnectionEnd): number {
    return this.#endWhere((connection) => connection.userId === userId, why);
  }

  /** A key was replaced: its connections may go on until then. Answers how many were ended because that is now. */
  replaceKey(keyId: string, until: number): number {
    if (until <= this.#clock.now()) return this.endKey(keyId, "key-replaced");
    for (const connection of this.#live) {
      if (connection.keyId !== keyId) continue;
      this.#replaced.add(connection);
      connection.expiresAt = Math.min(until, connection.expiresAt ?? until);
      this.#armFor(connection.expiresAt);
    }
    return 0;
  }

  /** Forgets all connections and stops the clock's watch; ends none. Safe twice. */
  close(): void {
    this.#live.clear();
    this.#disarm();
  }

  #endWhere(isMeant: (connection: LiveConnection) => boolean, why: ConnectionEnd | null): number {
    const meant = [...this.#live].filter(isMeant);
    for (const connection of meant) {
      this.#live.delete(connection);
      connection.end(why ?? (this.#replaced.has(connection) ? "key-replaced" : "key-expired"));
    }
    return meant.length;
  }

  #armFor(expiresAt: number | null): void {
    if (expiresAt === null || expiresAt >= this.#timerAt) return;
    this.#disarm();
    this.#timerAt = expiresAt;
    const waitMs = Math.min(Math.max(expiresAt - this.#clock.now(), 0), LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.#endExpired(), waitMs);
    this.#timer.unref();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #endExpired(): void {
    this.#disarm();
    const now = this.#clock.now();
    this.#endWhere(({ expiresAt }) => expiresAt !== null && expiresAt <= now, null);
    for (const { expiresAt } of this.#live) this.#armFor(expiresAt);
  }
}
