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
}

/** One in which nothing has happened. */
export function emptyLedger(): Ledger {
  return { jobs: new Map(), acknowledged: new Map(), cancelAsked: new Set(), complaints: [] };
}
