// Calls by which users look after their own keys.
import { FetchmlError } from "@fetchml/protocol";
import { listOwnKeys, rotateOwnKey } from "../../auth/own-keys.ts";
import type { Handlers } from "./handler.ts";

/** Handlers of the calls about the caller's own keys. */
export const ownKeyHandlers: Handlers<"own-key.list" | "own-key.rotate"> = {
  "own-key.list": async ({ auth }, { principal }) => ({
    keys: principal.kind === "local" ? [] : await listOwnKeys(auth, principal),
  }),

  "own-key.rotate": async ({ auth, authenticator }, { principal, address }) => {
    if (principal.kind === "local") throw noKeyOnBox();
    try {
      return await rotateOwnKey(auth, principal, address);
    } catch (error) {
      if (error instanceof FetchmlError) {
        const from = address ?? "";
        const call = { action: "own-key.rotate", address: from, reason: error.code };
        authenticator.noteRefusedCall(principal, call);
      }
      throw error;
    }
  },
};

function noKeyOnBox(): FetchmlError {
  return new FetchmlError(
    "not-allowed",
    "The box's own admin has no key. \"fetchml key rotate ID\" rotates a user's.",
  );
}
