// The call that queues a job anew.
import { redoJob, unheldCodeOf } from "../../queue/redo.ts";
import { isCodeOnDisk } from "../code-on-disk.ts";
import { secretNames } from "../secret-names.ts";
import type { Handlers } from "./handler.ts";

/** Handler of the call that queues a job anew. */
export const redoHandlers: Handlers<"job.redo"> = {
  "job.redo": async ({ queue, secrets, snapshots }, { principal }, params) => {
    const redo = { ...params, knownSecrets: await secretNames(secrets, principal) };
    try {
      return await redoJob(queue, principal, redo);
    } catch (error) {
      const codeOnDisk = unheldCodeOf(error);
      if (codeOnDisk === null || !(await isCodeOnDisk(snapshots, codeOnDisk))) throw error;
      return redoJob(queue, principal, { ...redo, codeOnDisk });
    }
  },
};
