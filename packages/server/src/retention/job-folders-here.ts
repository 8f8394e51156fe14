// The folders of attempts and checkpoints that lie on the disk, whether or not a job knows of them.
import { knownJobs } from "../store/job-files.ts";
import type { Database } from "../store/database.ts";

/** A folder that is named like one of an attempt or a job. */
export interface JobFolder {
  readonly name: string;
  readonly job: number;
  /** Of checkpoints, which are there from the first attempt on, 1. */
  readonly attempt: number;
}

/** `12.2`, or of checkpoints `12`. More digits than these no job gets. */
const FORMS = {
  attempts: /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/,
  checkpoints: /^([1-9]\d{0,14})$/,
} as const;

/** Of these names of a place, those of such folders. */
export function jobFoldersAmong(
  names: readonly string[],
  place: keyof typeof FORMS,
): readonly JobFolder[] {
  return names.flatMap((name) => {
    const [, job, attempt = "1"] = FORMS[place].exec(name) ?? [];
    return job === undefined ? [] : [{ name, job: Number(job), attempt: Number(attempt) }];
  });
}

/**
 * Of these, those of attempts that no job has begun: an attempt is recorded before its folders are made. Call it inside a read.
 *
 * @param db whose jobs are asked
 */
export function foldersOfNobody(
  db: Database,
  folders: readonly JobFolder[],
): readonly (JobFolder & { readonly isJobKnown: boolean })[] {
  const known = knownJobs(db, [...new Set(folders.map(({ job }) => job))]);
  return folders.flatMap((folder) => {
    const begun = known.get(folder.job);
    return folder.attempt > (begun ?? 0) ? [{ ...folder, isJobKnown: begun !== undefined }] : [];
  });
}
