// What was sent and pulled in one torture of transfers, and what must be true of it.
import type { Box, Person } from "../box.ts";

/** A torture under way. */
export interface Ledger {
  /** The digest of the tree that each job must run with, by the job's name; among them those whose submit was not answered. */
  readonly trees: Map<string, string>;
  /** Ids that `ml queue` has printed, by the job's name. */
  readonly acknowledged: Map<string, number>;
  /** Names of the jobs whose logs were looked at. */
  readonly judged: Set<string>;
  /** What was seen that must not be. */
  readonly faults: string[];
}

/** Who takes part in a torture, and what is noted. */
export interface Torture {
  readonly box: Box;
  readonly people: readonly [Person, Person];
  readonly ledger: Ledger;
}

/** One in which nothing has happened. */
export function emptyLedger(): Ledger {
  return { trees: new Map(), acknowledged: new Map(), judged: new Set(), faults: [] };
}
