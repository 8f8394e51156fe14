// Calls that submit, show and change jobs.
import { mayReadLog } from "../../domain/principal.ts";
import { CANCEL_GRACE_MS, cancelJobs } from "../../queue/cancel.ts";
import { editJob } from "../../queue/edit.ts";
import { holdJob } from "../../queue/hold.ts";
import { listPage, showJob } from "../../queue/look.ts";
import { submitJob } from "../../queue/submit.ts";
import { explainJob } from "../../queue/why.ts";
import { endedBadly, logTail } from "../log-tail.ts";
import { secretNames } from "../secret-names.ts";
import { subscribeToJobs } from "../follow-jobs.ts";
import type { Handlers } from "./handler.ts";

type JobMethod =
  | "job.submit"
  | "job.list"
  | "job.get"
  | "job.why"
  | "job.cancel"
  | "job.hold"
  | "job.release"
  | "job.edit"
  | "job.subscribe";

/** Handlers of the calls that submit, show and change jobs. */
export const jobHandlers: Handlers<JobMethod> = {
  "job.submit": async ({ queue, secrets }, { principal }, params) =>
    submitJob(queue, principal, {
      ...params,
      knownSecrets: await secretNames(secrets, principal),
    }),

  "job.list": ({ queue }, { principal }, params) => listPage(queue, principal, params),

  "job.get": ({ queue }, { principal }, params) => showJob(queue, principal, params.job),

  "job.why": async (ctx, { principal }, params) => {
    const { job, ownerId, lines, behind } = await explainJob(ctx.queue, principal, params.job);
    const tail = endedBadly(job) && mayReadLog(principal, ownerId) ? await logTail(ctx, job) : null;
    return { job, lines: [...lines], behind: [...behind], log_tail: tail };
  },

  "job.cancel": async ({ queue }, { principal }, params) => {
    const target = "all" in params ? { all: true as const } : { jobs: params.jobs };
    const graceMs = params.now === true ? 0 : CANCEL_GRACE_MS;
    return { jobs: [...(await cancelJobs(queue, principal, { ...target, graceMs }))] };
  },

  "job.hold": ({ queue }, { principal }, params) =>
    holdJob(queue, principal, { ref: params.job, held: true }),

  "job.release": ({ queue }, { principal }, params) =>
    holdJob(queue, principal, { ref: params.job, held: false }),

  "job.edit": ({ queue }, { principal }, params) => editJob(queue, principal, params),

  "job.subscribe": subscribeToJobs,
};
