// Changes a job that waits, and the time limit of one that runs.
import { FetchmlError, type Job, type ParamsOf } from "@fetchml/protocol";
import { boundedTime } from "../domain/guard-rules.ts";
import { isAdmin, type Principal } from "../domain/principal.ts";
import type { JobRow } from "../store/job-row.ts";
import { moveFirst, moveOn } from "../store/jobs-queue.ts";
import { updateJob } from "../store/jobs-write.ts";
import type { QueueContext } from "./context.ts";
import { findJobToChange } from "./find-job.ts";
import { guardsOf, refuseUnbounded } from "./guards.ts";
import { refuseImpossible } from "./impossible-request.ts";
import { announceJob } from "./news.ts";

type Edit = ParamsOf<"job.edit">;

/**
 * Changes a queued job. Of a running one an admin may change `timeout_ms`, and nothing else. To put a job first takes one transaction
 * after the other where many of its owner's stand before it; a server that ends meanwhile leaves it on its way, in a right order.
 * @throws FetchmlError job-not-found, ambiguous-job, not-allowed, conflict, impossible-request
 */
export async function editJob(ctx: QueueContext, principal: Principal, edit: Edit): Promise<Job> {
  const { db } = ctx;
  const { row, place, job } = await db.write(() => {
    const found = findJobToChange(ctx, principal, edit.job);
    let goesTo: number | null = null;
    if (found.state === "queued") goesTo = editQueued(ctx, found, edit);
    else editRunning(ctx, principal, { row: found, edit });
    return { row: found, place: goesTo, job: announceJob(ctx, found.id) };
  });
  if (place === null) return job;
  while (await db.write(() => moveOn(db, row, place))) {
    // Those whose requests came in meanwhile are heard before the next step.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return job;
}

/** Answers the place that the job is on its way to, as `moveFirst` does. */
function editQueued(ctx: QueueContext, row: JobRow, edit: Edit): number | null {
  const { db, totals } = ctx;
  const resources = {
    gpus: edit.gpus ?? row.gpus,
    cpus: edit.cpus ?? row.cpus,
    mem_bytes: edit.mem_bytes ?? row.mem_bytes,
  };
  refuseImpossible(resources, totals);
  refuseUnbounded({ timeout_ms: edit.timeout_ms ?? null }, guardsOf(ctx));
  updateJob(db, row.id, {
    ...resources,
    timeout_ms:
      edit.timeout_ms === undefined ? row.timeout_ms : boundedTime(edit.timeout_ms, guardsOf(ctx)),
    retries: edit.retries ?? row.retries,
    eligible_at: edit.begin_at === undefined ? row.eligible_at : edit.begin_at,
  });
  return edit.first === true ? moveFirst(db, row) : null;
}

function editRunning(
  { db, news }: QueueContext,
  principal: Principal,
  { row, edit }: { readonly row: JobRow; readonly edit: Edit },
): void {
  const { job: _, timeout_ms: timeoutMs, ...others } = edit;
  const isOnlyTime = timeoutMs !== undefined && Object.keys(others).length === 0;
  if ((row.state !== "running" && row.state !== "starting") || !isOnlyTime) {
    throw new FetchmlError(
      "conflict",
      `Job ${row.id} (${row.name}) cannot be changed so: it is ${row.state}.\nOnly a queued job can; of a running one an admin may change --timeout.`,
    );
  }
  if (!isAdmin(principal)) {
    throw new FetchmlError(
      "not-allowed",
      `Job ${row.id} runs already: only an admin may change its time limit.`,
    );
  }
  updateJob(db, row.id, { ...row, timeout_ms: timeoutMs });
  const attempt = { jobId: row.id, attempt: row.attempt };
  db.afterCommit(() => news.publish({ kind: "timeout-changed", attempt, timeoutMs }));
}
