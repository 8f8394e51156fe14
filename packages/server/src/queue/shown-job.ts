// What of a job's end a caller may see: texts in it can name the owner's folders.
import type { Job, Outcome } from "@fetchml/protocol";
import { isAdmin, type Principal } from "../domain/principal.ts";

/** Stands in an outcome's text for who is neither the owner nor an admin. */
export const FOR_ITS_OWNER = "only its owner and admins may see why";

/** The job as this caller may see it. */
export function shownJob(principal: Principal, job: Job): Job {
  return job.outcome === null || maySeeTexts(principal, job.user)
    ? job
    : { ...job, outcome: withoutTexts(job.outcome) };
}

/** The outcome of an attempt of that user's job as this caller may see it. */
export function shownOutcome(
  principal: Principal,
  owner: string,
  outcome: Outcome | null,
): Outcome | null {
  return outcome === null || maySeeTexts(principal, owner) ? outcome : withoutTexts(outcome);
}

/** News carry names and no numbers of users; a name is never given twice. */
function maySeeTexts(principal: Principal, owner: string): boolean {
  return isAdmin(principal) || principal.user === owner;
}

function withoutTexts(outcome: Outcome): Outcome {
  return outcome.kind === "failed-to-start" || outcome.kind === "lost"
    ? { ...outcome, message: FOR_ITS_OWNER }
    : outcome;
}
