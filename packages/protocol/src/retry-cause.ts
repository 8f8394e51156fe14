// After which ends of an attempt a job may be started again.

/**
 * The words of `retry_on`. `exited` is any end of the command itself but exit code 0, by a signal too; the others are outcomes of
 * that name. A job that somebody has cancelled is never started again.
 */
export const RETRY_CAUSES = [
  "exited",
  "lost",
  "host-oom",
  "timed-out",
  "no-output",
  "disk-full",
  "failed-to-start",
  "setup",
] as const;

/** One of them. */
export type RetryCause = (typeof RETRY_CAUSES)[number];

/** What counts where a job does not say. */
export const DEFAULT_RETRY_ON: readonly RetryCause[] = ["lost", "host-oom", "exited"];
