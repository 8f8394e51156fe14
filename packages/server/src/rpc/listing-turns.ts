// Bounds how many lists of outputs are made for one user at once: each looks at up to a million names.
import { FetchmlError } from "@fetchml/protocol";
import type { Principal } from "../domain/principal.ts";
import { UploadTurns, type TurnRules } from "./upload-turns.ts";

/** Turns for lists of outputs: 4 for each user, and 64 that wait for one. */
export function makeListingTurns(): UploadTurns {
  return new UploadTurns({ refusal: tooMany });
}

/** The number under which somebody takes turns. */
export function turnsOf(principal: Principal): number {
  // No user has this number.
  return principal.kind === "key" ? principal.userId : 0;
}

function tooMany({ most, mostWaiting }: Pick<TurnRules, "most" | "mostWaiting">): FetchmlError {
  return new FetchmlError(
    "quota-exceeded",
    `Cannot list outputs: ${most} lists of yours are being made, and ${mostWaiting} wait for their turn.\nAsk for one after the other, and try again when some have ended.`,
  );
}
