// What the queue tells the rest of the house, always after the commit.
import type { Job } from "@fetchml/protocol";
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { Clock } from "../domain/clock.ts";
import type { Database } from "../store/database.ts";
import { jobById } from "../store/jobs-read.ts";
import { jobOf } from "../store/job-row.ts";
import { momentOf } from "./moment.ts";

/** One piece of news. */
export type NewsItem =
  | { readonly kind: "job-changed"; readonly job: Job }
  | { readonly kind: "cancel-requested"; readonly attempt: AttemptKey; readonly graceMs: number }
  | {
      readonly kind: "timeout-changed";
      readonly attempt: AttemptKey;
      readonly timeoutMs: number | null;
    }
  /** More or less of the box may be given to jobs than before. */
  | { readonly kind: "capacity-changed" };

/** Hands news to whoever listens, in the order of publishing. */
export class News {
  readonly #listeners = new Set<(item: NewsItem) => void>();

  /** Calls the listener for every item from now on; returns what takes it off again. */
  listen(listener: (item: NewsItem) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(item: NewsItem): void {
    for (const listener of this.#listeners) listener(item);
  }
}

/** Tells after the commit of the work under way that a job has changed; answers the job as it is now. */
export function announceJob(
  ctx: { readonly db: Database; readonly clock: Clock; readonly news: News },
  id: number,
): Job {
  const { db, news } = ctx;
  const row = jobById(db, id);
  if (row === null) throw new Error(`job ${id} was changed and is gone`);
  const job = jobOf(row, momentOf(ctx));
  db.afterCommit(() => news.publish({ kind: "job-changed", job }));
  return job;
}
