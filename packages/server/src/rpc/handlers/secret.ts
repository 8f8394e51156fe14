// Calls about the caller's own secrets.
import { FetchmlError } from "@fetchml/protocol";
import type { Principal } from "../../domain/principal.ts";
import type { Handlers } from "./handler.ts";

/** Handlers of the calls about secrets. */
export const secretHandlers: Handlers<"secret.set" | "secret.list" | "secret.remove"> = {
  "secret.set": async ({ secrets, queue }, { principal }, { name, value }) => {
    await secrets.set(ownerOf(principal), name, value);
    return { name, updated_at: queue.clock.now() };
  },

  "secret.list": async ({ secrets }, { principal }) => {
    const entries = await secrets.list(ownerOf(principal));
    return {
      secrets: entries.map(({ name, updatedAt }) => ({ name, updated_at: updatedAt })),
    };
  },

  "secret.remove": async ({ secrets }, { principal }, { name }) => ({
    removed: await secrets.remove(ownerOf(principal), name),
  }),
};

function ownerOf(principal: Principal): string {
  if (principal.kind === "key") return principal.user;
  throw new FetchmlError(
    "not-allowed",
    "The box's own admin has no jobs, and so no secrets: set them as a user, with that user's key.",
  );
}
