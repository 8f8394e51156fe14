// Waits until jobs have ended, across lost connections.
import { isFinal, type Job } from "@fetchml/protocol";
import type { Client } from "../client.ts";
import { subscribeToJobs } from "./job-subscription.ts";
import type { Link } from "./link.ts";
import { lossOf } from "./loss.ts";
import { Reconnection, type Persistence } from "./reconnection.ts";

/** What to wait for. */
export interface WaitForJobs extends Persistence {
  /** As a caller names jobs: ids, names, `@`. Resolved once, at the start. */
  readonly jobs: readonly string[];
  /** Told of each job's state at the start and of every change after it; after a lost connection perhaps not of each. */
  readonly onChange?: (job: Job) => void;
}

/**
 * Resolves with the jobs as they ended, in the order of the references.
 *
 * @throws FetchmlError `job-not-found` and the like; `unreachable` when the server stays away; `key-…` when the key ends
 */
export async function waitForJobs(link: Link, options: WaitForJobs): Promise<Job[]> {
  const reconnection = new Reconnection(link, options);
  const watched = new WatchedJobs(options.onChange);
  let client = await reconnection.first();
  for (;;) {
    try {
      return await waitOn(client, watched, options.jobs);
    } catch (error) {
      client = await reconnection.again(error);
    }
  }
}

/** As many references as surely fit into one frame, at up to 80 characters each. */
const REFS_PER_CALL = 500;

async function waitOn(
  client: Client,
  watched: WatchedJobs,
  named: readonly string[],
): Promise<Job[]> {
  const { promise: allEnded, resolve } = Promise.withResolvers<void>();
  const learn = (job: Job) => {
    watched.learn(job);
    if (watched.haveAllEnded()) resolve();
  };
  // Ids from the second connection on: by then a name may mean a newer job.
  const refs = watched.ids?.map(String) ?? named;
  const subscriptions = await Promise.all(
    chunks(refs, REFS_PER_CALL).map((some) => subscribeToJobs(client, some, learn)),
  );
  try {
    watched.ids ??= await idsOf(
      client,
      refs,
      subscriptions.flatMap((subscription) => subscription.jobs),
    );
    if (watched.haveAllEnded()) resolve();
    await Promise.race([allEnded, lossOf(client)]);
    return watched.inOrder();
  } finally {
    for (const subscription of subscriptions) subscription.end();
  }
}

/** The id that each reference stands for. */
async function idsOf(
  client: Client,
  refs: readonly string[],
  jobs: readonly Job[],
): Promise<readonly number[]> {
  if (jobs.length === refs.length) return jobs.map((job) => job.id);
  // A job that was named twice is answered once.
  const details = await Promise.all(refs.map((job) => client.call("job.get", { job })));
  return details.map((job) => job.id);
}

/** What is known of the jobs that are waited for. */
class WatchedJobs {
  /** Their ids in the order of the references, once known. */
  ids: readonly number[] | undefined;
  readonly #known = new Map<number, Job>();
  readonly #onChange: ((job: Job) => void) | undefined;

  constructor(onChange: ((job: Job) => void) | undefined) {
    this.#onChange = onChange;
  }

  learn(job: Job): void {
    const before = this.#known.get(job.id);
    // After a reconnection the server tells the state anew, whether it has changed or not.
    if (before !== undefined && Bun.deepEquals(before, job)) return;
    this.#known.set(job.id, job);
    this.#onChange?.(job);
  }

  haveAllEnded(): boolean {
    return this.ids !== undefined && this.inOrder().every((job) => isFinal(job.state));
  }

  inOrder(): Job[] {
    return (this.ids ?? []).flatMap((id) => this.#known.get(id) ?? []);
  }
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
