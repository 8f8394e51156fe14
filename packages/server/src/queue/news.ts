// What the queue tells the rest of the house, always after the commit.
import type { Job, Outcome } from "@fetchml/protocol";
import type { AttemptKey } from "../domain/attempt-key.ts";
import type { Clock } from "../domain/clock.ts";
import type { Database } from "../store/database.ts";
import { jobById } from "../store/jobs-read.ts";
import { jobOf, type JobRow } from "../store/job-row.ts";
import { momentOf, type MomentContext } from "./moment.ts";

/** One piece of news. */
export type NewsItem =
  | { readonly kind: "job-changed"; readonly job: Job }
  /** Queued jobs of one user were cancelled together: one piece of news for all of them. */
  | {
      readonly kind: "jobs-cancelled";
      readonly user: string;
      readonly ids: ReadonlySet<number>;
      readonly outcome: Outcome;
      readonly endedAt: number;
      /** One of them as it is now. It is read once, however many ask. */
      readonly job: (id: number) => Job | null;
    }
  | { readonly kind: "cancel-requested"; readonly attempt: AttemptKey; readonly graceMs: number }
  | {
      readonly kind: "timeout-changed";
      readonly attempt: AttemptKey;
      readonly timeoutMs: number | null;
    }
  /** An attempt was claimed, so long after its job could have started. */
  | { readonly kind: "attempt-started"; readonly waitMs: number }
  | { readonly kind: "attempt-ended"; readonly outcome: Outcome }
  /** More or less of the box may be given to jobs than before. */
  | { readonly kind: "capacity-changed" };

/** Hands news to whoever listens, in the order of publishing. */
export class News {
  readonly #listeners = new Set<(item: NewsItem) => void>();
  readonly #early = new Set<(job: Job) => void>();

  /** Calls the listener for every item from now on; returns what takes it off again. */
  listen(listener: (item: NewsItem) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listener inside the work that changes a job, before it is known whether that holds: to add to its commit, no more. */
  listenBeforeCommit(listener: (job: Job) => void): () => void {
    this.#early.add(listener);
    return () => this.#early.delete(listener);
  }

  /** Tells those who listen before the commit. */
  foretell(job: Job): void {
    for (const listener of this.#early) listener(job);
  }

  publish(item: NewsItem): void {
    for (const listener of this.#listeners) listener(item);
  }
}

/** Tells after the commit of the work under way that a job has changed; answers the job as it is now. */
export function announceJob(ctx: MomentContext & { readonly news: News }, id: number): Job {
  const row = jobById(ctx.db, id);
  if (row === null) throw new Error(`job ${id} was changed and is gone`);
  return announceRow(ctx, row);
}

/** Tells after the commit of the work under way that queued jobs of one user were cancelled together. */
export function announceCancelled(
  ctx: { readonly db: Database; readonly clock: Clock; readonly news: News },
  {
    ids,
    ...cancelled
  }: {
    readonly user: string;
    readonly ids: readonly number[];
    readonly outcome: Outcome;
    readonly endedAt: number;
  },
): void {
  const jobs = new Map<number, Job | null>();
  const job = (id: number): Job | null => {
    const known = jobs.get(id);
    if (known !== undefined) return known;
    const row = jobById(ctx.db, id);
    const read = row === null ? null : jobOf(row, { now: ctx.clock.now(), ...OF_ENDED });
    jobs.set(id, read);
    return read;
  };
  ctx.db.afterCommit(() =>
    ctx.news.publish({ kind: "jobs-cancelled", ...cancelled, ids: new Set(ids), job }),
  );
}

/** The same where the row is known: to read it anew is a third of what a submit asks of SQLite. */
export function announceRow(ctx: MomentContext & { readonly news: News }, row: JobRow): Job {
  const { db, news } = ctx;
  const job = jobOf(row, momentOf(ctx));
  news.foretell(job);
  db.afterCommit(() => news.publish({ kind: "job-changed", job }));
  return job;
}

/** Why it would wait is asked of no job that has ended. */
const OF_ENDED = { isDrained: false, lacksRoom: () => false };
