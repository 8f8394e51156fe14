// Waits until a job has started an attempt, or never will.
import { isFinal, type Job } from "@fetchml/protocol";
import type { Client } from "../client.ts";
import { subscribeToJobs } from "./job-subscription.ts";
import { lossOf } from "./loss.ts";
import type { LogPlace } from "./log-place.ts";

/** Resolves with the job once it has the attempt at `place`, or is final without it. @throws FetchmlError as the call does */
export async function untilAttempt(client: Client, place: LogPlace): Promise<Job> {
  const { promise: found, resolve } = Promise.withResolvers<Job>();
  const subscription = await subscribeToJobs(client, [place.job], (job) => {
    place.pinJob(job.id);
    if (job.attempt >= place.attempt || isFinal(job.state)) resolve(job);
  });
  try {
    return await Promise.race([found, lossOf(client)]);
  } finally {
    subscription.end();
  }
}
