// Calls that keep a job from being removed, and that remove what nobody needs.
import { actorOf, audited } from "../../auth/audited.ts";
import { pinJob } from "../../queue/pin.ts";
import type { Handlers } from "./handler.ts";

/** Handlers of the calls about keeping and removing. */
export const retentionHandlers: Handlers<"job.pin" | "job.unpin" | "gc.start" | "gc.show"> = {
  "job.pin": ({ queue }, { principal }, params) =>
    pinJob(queue, principal, { ref: params.job, pinned: true }),

  "job.unpin": ({ queue }, { principal }, params) =>
    pinJob(queue, principal, { ref: params.job, pinned: false }),

  "gc.start": ({ auth, collector }, { principal, address }, params) => {
    const dryRun = params.dry_run ?? false;
    if (dryRun) return Promise.resolve({ run: collector.start({ dryRun }) });
    const act = { ...actorOf(principal, address), action: "gc.start", target: "" };
    return audited(auth, act, () => ({ run: collector.start({ dryRun }) }));
  },

  "gc.show": async ({ collector }, _, params) => collector.show(params.run),
};
