// Where the parts of an ended job lie.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder } from "../domain/attempt-folder.ts";
import type { JobPart } from "../domain/retention-rules.ts";

/** A job, and how many attempts it has had. */
export interface JobExtent {
  readonly job_id: number;
  readonly attempt: number;
}

/** The files and folders of one part, of all attempts. Each may be missing. */
export function partPaths(dataDir: string, job: JobExtent, part: JobPart): readonly string[] {
  const folders = attemptFolders(dataDir, job);
  switch (part) {
    case "work":
      return folders.flatMap(({ root, work, tmp }) => [work, tmp, ...unfinished(root)]);
    case "checkpoints":
      return [join(dataDir, "checkpoints", String(job.job_id))];
    case "outputs":
      return folders.map(({ outputs }) => outputs);
    case "log":
      return folders.map(({ log }) => log);
  }
}

/** The folders of all attempts, each with all that is left in it. */
export function attemptRoots(dataDir: string, job: JobExtent): readonly string[] {
  return attemptFolders(dataDir, job).map(({ root }) => root);
}

function attemptFolders(dataDir: string, { job_id, attempt }: JobExtent) {
  return Array.from({ length: attempt }, (_, index) =>
    attemptFolder(dataDir, { jobId: job_id, attempt: index + 1 }),
  );
}

/** What starts that were cut off have left: a copy of the code each. */
function unfinished(root: string): readonly string[] {
  try {
    return readdirSync(root)
      .filter((name) => name.startsWith("unfinished-"))
      .map((name) => join(root, name));
  } catch {
    return [];
  }
}
