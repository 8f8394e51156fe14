// Takes apart what a person typed for a JOB.
import { FetchmlError } from "@fetchml/protocol";

/** A job as the server resolves it, and the attempt that was named with it. */
export interface JobReference {
  readonly job: string;
  /** `null`: the newest. */
  readonly attempt: number | null;
}

/** Reads `12`, `12#2`, a name, `@`, `@~1`. @throws FetchmlError usage for what can be none of them */
export function parseJobReference(text: string): JobReference {
  const match = /^([^#]{1,80})(?:#([1-9]\d{0,8}))?$/.exec(text);
  const job = match?.[1];
  if (job === undefined || !JOB.test(job)) {
    throw new FetchmlError(
      "usage",
      `${JSON.stringify(text)} cannot be a job.\nA job is an id (12), an attempt (12#2), a name, @ (your last job) or @~1.`,
    );
  }
  const attempt = match?.[2];
  return { job, attempt: attempt === undefined ? null : Number(attempt) };
}

/** As {@link parseJobReference}, where an attempt makes no sense. */
export function parseWholeJob(text: string): string {
  const { job, attempt } = parseJobReference(text);
  if (attempt === null) return job;
  throw new FetchmlError(
    "usage",
    `${JSON.stringify(text)} names an attempt, and this works on whole jobs. Say ${JSON.stringify(job)}.`,
  );
}

const JOB = /^(?:@(?:~\d{1,9})?|[A-Za-z0-9][A-Za-z0-9._-]*)$/;
