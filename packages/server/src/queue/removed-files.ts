// Tells what of a job was removed as it got old or to make room, and refuses what can no longer be had.
import { FetchmlError, type RemovedFiles } from "@fetchml/protocol";
import type { Database } from "../store/database.ts";
import { removalTimes } from "../store/job-files.ts";
import { snapshotRemovedAt } from "../store/snapshots-kept.ts";

/** When each part of a job was removed; `null` when nothing was. Call it inside a read or a write. */
export function removedFilesOf(
  db: Database,
  { id, snapshot }: { readonly id: number; readonly snapshot: string | null },
): RemovedFiles | null {
  const code = snapshot === null ? null : snapshotRemovedAt(db, snapshot);
  const removed = { ...removalTimes(db, id), code };
  return Object.values(removed).some((at) => at !== null) ? removed : null;
}

/**
 * Refuses what was removed. Call it inside a read or a write.
 * @throws FetchmlError removed
 */
export function refuseRemoved(
  db: Database,
  job: { readonly id: number; readonly name: string },
  part: "log" | "outputs" | "checkpoints",
): void {
  const at = removalTimes(db, job.id)[part];
  if (at !== null) throw removedError(`The ${part} of job ${job.id} (${job.name})`, at);
}

/**
 * Refuses a snapshot that was removed. Call it inside a read or a write.
 * @throws FetchmlError removed
 */
export function refuseRemovedCode(
  db: Database,
  job: { readonly id: number; readonly name: string },
  snapshot: string | null,
): void {
  const at = snapshot === null ? null : snapshotRemovedAt(db, snapshot);
  if (at === null) return;
  throw removedError(
    `The code of job ${job.id} (${job.name})`,
    at,
    `"ml redo ${job.id} --fresh" takes the project folder that you are in. `,
  );
}

// Which of the two it was is written down nowhere, and the rules may be others by now.
function removedError(what: string, at: number, next = ""): FetchmlError {
  const [verb, its] = /^The (?:outputs|checkpoints)\b/.test(what)
    ? ["were", "their"]
    : ["was", "its"];
  return new FetchmlError(
    "removed",
    `${what} ${verb} removed on ${new Date(at).toISOString().slice(0, 10)}, for ${its} age or to make room.\n${next}What must stay is pinned in time, with "ml pin JOB".`,
    { details: { removed_at: at } },
  );
}
