// What a submission came to, in a line.
import type { ResultOf } from "@fetchml/protocol";
import { jobWords } from "./outcome-words.ts";

/** `Queued 12 my-training-job (2 ahead)`. */
export function queuedWords({ job, ahead }: ResultOf<"job.submit">): string {
  if (job.reason === "held") {
    return `Queued ${jobWords(job)}, held: "ml release ${job.id}" lets it start`;
  }
  return `Queued ${jobWords(job)} (${ahead === 0 ? "next" : `${ahead} ahead`})`;
}
