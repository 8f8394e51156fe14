// Calls about API keys, for the admin on the box.
import { actorOf } from "../../auth/audited.ts";
import { issueKey, listApiKeys, revokeKeys } from "../../auth/keys.ts";
import type { Handlers } from "./handler.ts";

/** Handlers of the calls about API keys. */
export const keyHandlers: Handlers<"key.issue" | "key.list" | "key.revoke"> = {
  "key.issue": ({ auth }, { principal, address }, params) =>
    issueKey(auth, actorOf(principal, address), params),

  "key.list": async ({ auth }, _, { user }) => ({ keys: await listApiKeys(auth, user) }),

  "key.revoke": ({ auth }, { principal, address }, params) =>
    revokeKeys(auth, actorOf(principal, address), params),
};
