// A job whose code the caller may see.
import { FetchmlError, type JobDetail, type JobPrivate } from "@fetchml/protocol";
import type { Session } from "./session.ts";

/** A job, and what only its owner and admins see of it. */
export interface JobWithCode {
  readonly job: JobDetail;
  readonly own: JobPrivate;
}

/** Asks for the job. @throws FetchmlError job-not-found, also where only the job may be seen; and as the server does */
export async function findJobWithCode(session: Session, reference: string): Promise<JobWithCode> {
  const job = await session.call("job.get", { job: reference });
  if (job.private !== undefined) return { job, own: job.private };
  throw new FetchmlError(
    "job-not-found",
    `There is no code of job ${job.id} that you may see: code is for a job's owner and admins.`,
  );
}
