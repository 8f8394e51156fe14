// The last lines of a job that has ended badly, for those who ask why.
import type { Job } from "@fetchml/protocol";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { offsetOfLastLines } from "../logs/last-lines.ts";
import { readLog } from "../logs/read-log.ts";

const LINES = 20;
const MOST_BYTES = 8_192;

/** Whether the job has ended in a way that its log may explain. */
export function endedBadly(job: Job): boolean {
  return job.state === "failed" || job.state === "timed-out" || job.state === "lost";
}

/**
 * The last lines of the job's newest attempt, at most 20 and 8 KiB; `null` when it wrote nothing. What is not UTF-8 is
 * shown as U+FFFD.
 */
export async function logTail(dataDir: string, job: Job): Promise<string | null> {
  const { log } = attemptFolder(dataDir, { jobId: job.id, attempt: job.attempt });
  const end = await offsetOfLastLines(log, 0);
  const offset = Math.max(await offsetOfLastLines(log, LINES), end - MOST_BYTES);
  const { bytes } = await readLog({ path: log, offset, limitBytes: MOST_BYTES, isComplete: true });
  return bytes.length === 0 ? null : bytes.toString("utf8");
}
