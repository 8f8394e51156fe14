// What the clients of one torture did and were told.
import type { MarkedJob } from "./marked-job.ts";

/** Everything that the verdict needs to know of what was asked for. */
export interface Ledger {
  /** By name; among them those whose submit was not answered. */
  readonly jobs: Map<string, MarkedJob>;
  /** Ids that `ml queue` has printed, by the job's name. */
  readonly acknowledged: Map<string, number>;
  /** Names of the jobs that somebody has tried to cancel. */
  readonly cancelAsked: Set<string>;
  /** What no client may be told, or show. */
  readonly complaints: string[];
  /** What the verdicts of earlier rounds have read of ended jobs, by id: it must stay so. */
  readonly judged: Map<number, string>;
  /** Which round this is, from 0. */
  round: number;
  /** Rounds in which the disk was full: submits were refused then, and logs and outputs may lack what found no room. */
  readonly fullRounds: Set<number>;
}

/** One in which nothing has happened. */
export function emptyLedger(): Ledger {
  return {
    jobs: new Map(),
    acknowledged: new Map(),
    cancelAsked: new Set(),
    complaints: [],
    judged: new Map(),
    round: 0,
    fullRounds: new Set(),
  };
}

/** Whether the disk was full while a job lived: jobs end in the round in which they are submitted. */
export function metFullDisk(ledger: Ledger, job: MarkedJob): boolean {
  return ledger.fullRounds.has(job.round);
}

/** How often what was done, by its name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  /** `3 kill, 2 pull`, in the order in which each was first done. */
  toString(): string {
    return [...this.#counts].map(([what, times]) => `${times} ${what}`).join(", ");
  }
}
