// Bounds how many downloads of code of one user are at work at once: each reads a whole list of files.
import { FetchmlError } from "@fetchml/protocol";
import { UploadTurns, type TurnRules } from "./upload-turns.ts";

/** Turns for downloads of code: unless said, 4 for each user, and 64 that wait for one. */
export function makeCodeTurns(rules: Partial<TurnRules> = {}): UploadTurns {
  return new UploadTurns({ refusal: tooMany, ...rules });
}

function tooMany({ most, mostWaiting }: Pick<TurnRules, "most" | "mostWaiting">): FetchmlError {
  return new FetchmlError(
    "quota-exceeded",
    `Cannot give code back: ${most} downloads of yours are at work, and ${mostWaiting} wait for their turn.\nFetch one after the other, and try again when some have ended.`,
  );
}
