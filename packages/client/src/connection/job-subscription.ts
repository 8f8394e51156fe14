// News of jobs on one connection, from their state now on, without a gap.
import type { Job, NotificationOf } from "@fetchml/protocol";
import type { Client } from "../client.ts";

/** A subscription that is running. */
export interface JobSubscription {
  /** The jobs as they were when it began, in the order of the references; one that was named twice comes once. */
  readonly jobs: readonly Job[];
  /** Ends it. Safe twice, and when the connection is gone. */
  end(): void;
}

/**
 * Subscribes to jobs and tells `onJob` of each as it is now, then of every change.
 *
 * @throws FetchmlError `job-not-found`, `ambiguous-job`; `unreachable` when the connection is lost before the answer
 */
export async function subscribeToJobs(
  client: Client,
  refs: readonly string[],
  onJob: (job: Job) => void,
): Promise<JobSubscription> {
  let subscription: number | undefined;
  // News may be handled before the code that waits for the answer goes on.
  const early: NotificationOf<"job.changed">[] = [];
  const off = client.on("job.changed", (news) => {
    if (subscription === undefined) early.push(news);
    else if (news.subscription === subscription) onJob(news.job);
  });
  try {
    const answer = await client.call("job.subscribe", { jobs: [...refs] });
    subscription = answer.subscription;
    for (const job of answer.jobs) onJob(job);
    for (const news of early) if (news.subscription === subscription) onJob(news.job);
    const end = () => {
      off();
      // Only a courtesy: with the connection gone the subscription is gone too.
      client.call("subscription.end", { subscription: answer.subscription }).catch(() => undefined);
    };
    return { jobs: answer.jobs, end };
  } catch (error) {
    off();
    throw error;
  }
}
