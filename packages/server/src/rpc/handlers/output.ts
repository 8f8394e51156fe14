// The call that tells what a job has left.
import { findTrees } from "../output-access.ts";
import { countOutputs } from "../output-count.ts";
import type { Handlers } from "./handler.ts";

const DEFAULT_LIMIT = 100;

/** Handler of the call that lists outputs. */
export const outputHandlers: Handlers<"output.list"> = {
  "output.list": async (ctx, { principal }, { job, attempt, limit }) => {
    const found = await findTrees(ctx, principal, { job, attempt, kind: "outputs" });
    const attempts = await countOutputs(found, limit ?? DEFAULT_LIMIT);
    return { job_id: found.jobId, attempts };
  },
};
