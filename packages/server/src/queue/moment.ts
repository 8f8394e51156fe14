// What of this moment decides the word for why a job waits.
import type { Clock } from "../domain/clock.ts";
import type { Database } from "../store/database.ts";
import { isBoxDrained } from "../store/drains.ts";
import type { Moment } from "../store/job-row.ts";

/** The time, and whether the box is out of service. */
export function momentOf({ db, clock }: { readonly db: Database; readonly clock: Clock }): Moment {
  return { now: clock.now(), isDrained: isBoxDrained(db) };
}
