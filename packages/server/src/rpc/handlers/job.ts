// Calls that submit, show and change jobs.
import { mayReadLog } from "../../domain/principal.ts";
import { cancelAllJobs } from "../../queue/cancel-all.ts";
import { CANCEL_GRACE_MS, cancelJobs } from "../../queue/cancel.ts";
import { editJob } from "../../queue/edit.ts";
import { holdJob } from "../../queue/hold.ts";
import { listPage, showJob } from "../../queue/look.ts";
import { submitJob } from "../../queue/submit.ts";
import { explainJob } from "../../queue/why.ts";
import { endedBadly, logTail } from "../log-tail.ts";
import { silenceLine, silenceOf } from "../silence.ts";
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
  "job.submit": ({ queue, secrets }, { principal }, params) => {
    // Nearly no job wants any, and a look into their folder takes longer than the rest before the commit.
    if ((params.secrets ?? []).length === 0) return submitJob(queue, principal, params);
    return secretNames(secrets, principal).then((knownSecrets) =>
      submitJob(queue, principal, { ...params, knownSecrets }),
    );
  },

  "job.list": ({ queue }, { principal }, params) => listPage(queue, principal, params),

  "job.get": async (ctx, { principal }, params) => {
    const job = await showJob(ctx.queue, principal, params.job);
    const silence = silenceOf(ctx, job);
    return silence === null ? job : { ...job, silence };
  },

  "job.why": async (ctx, { principal }, params) => {
    const { job, ownerId, lines, behind } = await explainJob(ctx.queue, principal, params.job);
    const tail = endedBadly(job) && mayReadLog(principal, ownerId) ? await logTail(ctx, job) : null;
    const silence = silenceOf(ctx, job);
    const warned = silence === null ? lines : [...lines, silenceLine(silence)];
    return { job, lines: [...warned], behind: [...behind], log_tail: tail };
  },

  "job.cancel": async ({ queue }, { principal }, params) => {
    const graceMs = params.now === true ? 0 : CANCEL_GRACE_MS;
    if ("all" in params) {
      const { jobs, count } = await cancelAllJobs(queue, principal, { graceMs });
      return { jobs: [...jobs], cancelled_count: count };
    }
    const jobs = await cancelJobs(queue, principal, { jobs: params.jobs, graceMs });
    return { jobs: [...jobs], cancelled_count: jobs.length };
  },

  "job.hold": ({ queue }, { principal }, params) =>
    holdJob(queue, principal, { ref: params.job, held: true }),

  "job.release": ({ queue }, { principal }, params) =>
    holdJob(queue, principal, { ref: params.job, held: false }),

  "job.edit": ({ queue }, { principal }, params) => editJob(queue, principal, params),

  "job.subscribe": subscribeToJobs,
};
