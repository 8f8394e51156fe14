// What of a job was removed, and when.
import type { RemovedFiles } from "@fetchml/protocol";
import { localTime } from "./moment-words.ts";

/** `working folder on 2026-11-23, outputs on 2027-02-20`. */
export function removedWords(removed: RemovedFiles): string {
  const parts = [
    ["working folder", removed.work],
    ["checkpoints", removed.checkpoints],
    ["outputs", removed.outputs],
    ["log", removed.log],
    ["code", removed.code],
  ] as const;
  return parts.flatMap(([name, at]) => (at === null ? [] : [`${name} on ${dayOf(at)}`])).join(", ");
}

/** The day of `2026-11-22 21:04:33`. */
function dayOf(at: number): string {
  return localTime(at).slice(0, 10);
}
