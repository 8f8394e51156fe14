// Bounds how many lists of outputs are made for one user at once: each looks at up to a million names.
import type { Principal } from "../domain/principal.ts";
import { UserTurns } from "./user-turns.ts";

/** Turns for lists of outputs. */
export function makeListingTurns(): UserTurns {
  const words = {
    refused: "Cannot list outputs",
    many: "lists",
    instead: "Ask for one after the other",
  };
  return new UserTurns({ words });
}

/** The number under which somebody takes turns. */
export function turnsOf(principal: Principal): number {
  // No user has this number.
  return principal.kind === "key" ? principal.userId : 0;
}
