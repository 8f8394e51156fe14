// Bounds how many downloads of code of one user are at work at once: each reads a whole list of files.
import { UserTurns, type TurnRules } from "./user-turns.ts";

/** Turns for downloads of code. */
export function makeCodeTurns(rules: Partial<TurnRules> = {}): UserTurns {
  const words = {
    refused: "Cannot give code back",
    many: "downloads",
    instead: "Fetch one after the other",
  };
  return new UserTurns({ words, ...rules });
}
