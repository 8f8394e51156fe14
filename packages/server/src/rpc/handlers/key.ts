// Calls about API keys and the audit, for the admin on the box.
import { actorOf } from "../../auth/audited.ts";
import { importKey } from "../../auth/import-key.ts";
import { issueKey, listApiKeys, revokeKeys } from "../../auth/keys.ts";
import { listAudit } from "../../auth/list-audit.ts";
import { rotateKey } from "../../auth/rotate-key.ts";
import { CANCEL_GRACE_MS, cancelJobsOf } from "../../queue/cancel.ts";
import type { Caller, Handlers } from "./handler.ts";

type KeyMethod =
  "key.issue" | "key.list" | "key.revoke" | "key.rotate" | "key.import" | "audit.list";

/** Handlers of the calls about API keys and the audit. */
export const keyHandlers: Handlers<KeyMethod> = {
  "key.issue": ({ auth }, caller, params) => issueKey(auth, by(caller), params),

  "key.list": async ({ auth }, _, { user }) => ({ keys: await listApiKeys(auth, user) }),

  "key.revoke": async ({ auth, queue }, caller, params) => {
    const { user, ...revoked } = await revokeKeys(auth, by(caller), params);
    if (params.cancel_jobs !== true) return { ...revoked, cancelled_jobs: [] };
    const name = caller.principal.user;
    const cancelled = await cancelJobsOf(queue, user, { by: name, graceMs: CANCEL_GRACE_MS });
    return { ...revoked, cancelled_jobs: cancelled.map(({ id }) => id) };
  },

  "key.rotate": ({ auth }, caller, params) => rotateKey(auth, by(caller), params),

  "key.import": ({ auth }, caller, params) => importKey(auth, by(caller), params),

  "audit.list": ({ auth }, _, params) => listAudit(auth, params),
};

function by({ principal, address }: Caller) {
  return actorOf(principal, address);
}
