// The call that queues a job anew.
import { redoJob } from "../../queue/redo.ts";
import { secretNames } from "../secret-names.ts";
import type { Handlers } from "./handler.ts";

/** Handler of the call that queues a job anew. */
export const redoHandlers: Handlers<"job.redo"> = {
  "job.redo": async ({ queue, secrets }, { principal }, params) =>
    redoJob(queue, principal, { ...params, knownSecrets: await secretNames(secrets, principal) }),
};
