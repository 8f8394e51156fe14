// The last lines of a job that has ended badly, for those who ask why.
import { FetchmlError, type Job } from "@fetchml/protocol";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { offsetOfLastLines } from "../logs/last-lines.ts";
import { readLog } from "../logs/read-log.ts";
import type { RpcContext } from "./context.ts";
import { maskOf } from "./log-mask.ts";

const LINES = 20;
const MOST_BYTES = 8_192;

/** Whether the job has ended in a way that its log may explain. */
export function endedBadly(job: Job): boolean {
  return job.state === "failed" || job.state === "timed-out" || job.state === "lost";
}

/**
 * The last lines of the job's newest attempt, at most 20 and 8 KiB; `null` when it wrote nothing, or when its secrets cannot be masked. What is not UTF-8 is
 * shown as U+FFFD.
 */
export async function logTail(
  ctx: Pick<RpcContext, "dataDir" | "secrets">,
  job: Job,
): Promise<string | null> {
  const key = { jobId: job.id, attempt: job.attempt };
  const { log } = attemptFolder(ctx.dataDir, key);
  const mask = await maskOf(ctx, key).catch((error: unknown) => {
    if (error instanceof FetchmlError) return null;
    throw error;
  });
  if (mask === null) return null;
  const end = await offsetOfLastLines(log, 0);
  const offset = Math.max(await offsetOfLastLines(log, LINES), end - MOST_BYTES);
  const { bytes } = await readLog({
    path: log,
    offset,
    limitBytes: MOST_BYTES,
    isComplete: true,
    mask,
  });
  return bytes.length === 0 ? null : bytes.toString("utf8");
}
