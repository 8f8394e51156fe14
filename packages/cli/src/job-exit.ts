// The exit code of commands that end as a job ended.
import { EXIT, exitCodeOf, type Job } from "@fetchml/protocol";

/** When ml itself failed while it followed or waited: no code that the job may have ended with. */
export const EXIT_ML_FAILED = 125;

/** The job's own exit code. A job that has ended without an outcome counts as cancelled. */
export function exitCodeOfJob(job: Job): number {
  if (job.outcome !== null) return exitCodeOf(job.outcome);
  return job.state === "succeeded" ? EXIT.ok : EXIT.other;
}
