// The call that tells what a job has left.
import { turnsOf } from "../listing-turns.ts";
import { findTrees } from "../output-access.ts";
import { countOutputs } from "../output-count.ts";
import type { Handlers } from "./handler.ts";

const DEFAULT_LIMIT = 100;

/** A call is not taken back. */
const NEVER = new AbortController().signal;

/** Handler of the call that lists outputs. */
export const outputHandlers: Handlers<"output.list"> = {
  "output.list": async (ctx, { principal }, { job, attempt, limit }) => {
    const found = await findTrees(ctx, principal, { job, attempt, kind: "outputs" });
    const attempts = await ctx.listingTurns.run(turnsOf(principal), NEVER, () =>
      countOutputs(found, limit ?? DEFAULT_LIMIT),
    );
    return { job_id: found.jobId, attempts };
  },
};
