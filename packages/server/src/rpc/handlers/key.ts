// Calls about API keys and the audit, for the admin on the box.
import { FetchmlError } from "@fetchml/protocol";
import { actorOf } from "../../auth/audited.ts";
import { importKey } from "../../auth/import-key.ts";
import { issueKey, listApiKeys, revokeKeys } from "../../auth/keys.ts";
import { listAudit } from "../../auth/list-audit.ts";
import { rotateKey } from "../../auth/rotate-key.ts";
import { CANCEL_GRACE_MS } from "../../queue/cancel.ts";
import { beginCancelOf, ended, type CancelBegun } from "../../queue/cancel-all.ts";
import type { Caller, Handlers } from "./handler.ts";

type KeyMethod =
  "key.issue" | "key.list" | "key.revoke" | "key.rotate" | "key.import" | "audit.list";

/** Handlers of the calls about API keys and the audit. */
export const keyHandlers: Handlers<KeyMethod> = {
  "key.issue": ({ auth }, caller, params) => issueKey(auth, by(caller), params),

  "key.list": async ({ auth }, _, { user }) => ({ keys: await listApiKeys(auth, user) }),

  "key.revoke": async ({ auth, queue }, caller, params) => {
    const begun: CancelBegun[] = [];
    const wish = { by: caller.principal.user, graceMs: CANCEL_GRACE_MS };
    const also = (user: string): void => {
      if (params.cancel_jobs === true) begun.push(beginCancelOf(queue, user, wish));
    };
    const { user: _, ...revoked } = await revokeKeys(auth, by(caller), { ...params, also });
    const [cancel] = begun;
    if (cancel === undefined) return { ...revoked, cancelled_jobs: [], cancelled_count: 0 };
    const { jobs, count } = await ended(cancel).catch((error: unknown) => {
      throw afterRevocation(error);
    });
    return { ...revoked, cancelled_jobs: jobs.map(({ id }) => id), cancelled_count: count };
  },

  "key.rotate": ({ auth }, caller, params) => rotateKey(auth, by(caller), params),

  "key.import": ({ auth }, caller, params) => importKey(auth, by(caller), params),

  "audit.list": ({ auth }, _, params) => listAudit(auth, params),
};

/** What went wrong after the keys were revoked, so that nobody takes them for good. */
function afterRevocation(error: unknown): unknown {
  return error instanceof FetchmlError
    ? new FetchmlError(error.code, `The keys are revoked. ${error.message}`, { cause: error })
    : error;
}

function by({ principal, address }: Caller) {
  return actorOf(principal, address);
}
