// Statements about what lies on the disk for jobs that have ended.
import { JOB_PARTS, type JobPart } from "../domain/retention-rules.ts";
import type { Database } from "./database.ts";

/** A part of an ended job that is still there. */
export interface KeptPart {
  readonly job_id: number;
  /** Number of its newest attempt. */
  readonly attempt: number;
  readonly ended_at: number;
  /** `null`: nobody has measured it yet. */
  readonly size_bytes: number | null;
}

/** Where a walk over ended jobs stands: after this job, in the order of their ends. */
export interface EndPlace {
  readonly ended_at: number;
  readonly job_id: number;
}

/** Before the first ended job. */
export const FIRST_END: EndPlace = { ended_at: -1, job_id: 0 };

/** Which parts a walk asks for. */
export interface KeptPartsQuery {
  readonly endedBefore: number;
  readonly after: EndPlace;
  readonly limit: number;
}

/** Parts of unpinned jobs that ended before a time, oldest end first. */
export function keptParts(db: Database, part: JobPart, query: KeptPartsQuery): KeptPart[] {
  const { endedBefore, after, limit } = query;
  return db.all<KeptPart>(
    `SELECT f.job_id, j.attempt, f.ended_at, f.${part}_bytes AS size_bytes
     FROM job_files AS f INDEXED BY job_files_${part} CROSS JOIN jobs AS j ON j.id = f.job_id
     WHERE f.${part}_removed_at IS NULL AND f.ended_at < $endedBefore AND f.ended_at >= $endedAt
       AND (f.ended_at > $endedAt OR f.job_id > $jobId)
       AND j.pinned_at IS NULL AND j.ended_at IS NOT NULL
     ORDER BY f.ended_at, f.job_id LIMIT $limit`,
    { endedBefore, endedAt: after.ended_at, jobId: after.job_id, limit },
  );
}

/** Records that a part was removed; false when it was before, or when its job is pinned or unfinished. */
export function markPartRemoved(
  db: Database,
  jobId: number,
  { part, at }: { readonly part: JobPart; readonly at: number },
): boolean {
  return (
    db.run(
      `UPDATE job_files SET ${part}_removed_at = $at WHERE job_id = $jobId AND ${part}_removed_at IS NULL
       AND EXISTS (SELECT 1 FROM jobs WHERE id = $jobId AND pinned_at IS NULL AND ended_at IS NOT NULL)`,
      { jobId, at },
    ).changes === 1
  );
}

/** Records how much of the disk a part takes. */
export function notePartSize(
  db: Database,
  jobId: number,
  { part, bytes }: { readonly part: JobPart; readonly bytes: number },
): void {
  db.run(`UPDATE job_files SET ${part}_bytes = $bytes WHERE job_id = $jobId`, { jobId, bytes });
}

/** One ended job with what is left of it: sizes of parts that were removed are 0. */
export interface JobFilesRow {
  readonly job_id: number;
  readonly attempt: number;
  readonly work: number | null;
  readonly checkpoints: number | null;
  readonly outputs: number | null;
  readonly log: number | null;
}

const LEFT = JOB_PARTS.map(
  (part) => `CASE WHEN f.${part}_removed_at IS NULL THEN f.${part}_bytes ELSE 0 END AS ${part}`,
).join(", ");

/** Ended jobs after an id, pinned ones too, of which something is left; in the order of their ids. */
export function jobFilesAfter(db: Database, jobId: number, limit: number): JobFilesRow[] {
  const isLeft = JOB_PARTS.map((part) => `f.${part}_removed_at IS NULL`).join(" OR ");
  return db.all<JobFilesRow>(
    `SELECT f.job_id, j.attempt, ${LEFT} FROM job_files AS f JOIN jobs AS j ON j.id = f.job_id
     WHERE f.job_id > $jobId AND (${isLeft}) ORDER BY f.job_id LIMIT $limit`,
    { jobId, limit },
  );
}

/** When each part of a job was removed; `null` for a part that is there, and for a job that has not ended. */
export function removalTimes(db: Database, jobId: number): Record<JobPart, number | null> {
  return (
    db.get<Record<JobPart, number | null>>(
      `SELECT ${JOB_PARTS.map((part) => `${part}_removed_at AS ${part}`).join(", ")}
       FROM job_files WHERE job_id = $jobId`,
      { jobId },
    ) ?? { work: null, checkpoints: null, outputs: null, log: null }
  );
}

/** Of these jobs, those that have a row at all, with the number of their newest attempt. */
export function knownJobs(db: Database, ids: readonly number[]): ReadonlyMap<number, number> {
  const rows = db.all<{ id: number; attempt: number }>(
    "SELECT id, attempt FROM jobs WHERE id IN (SELECT value FROM json_each($ids))",
    { ids: JSON.stringify(ids) },
  );
  return new Map(rows.map(({ id, attempt }) => [id, attempt]));
}

/** Unfinished jobs that have something on the disk. */
export function begunJobs(db: Database): { readonly job_id: number; readonly attempt: number }[] {
  return db.all(
    "SELECT id AS job_id, attempt FROM jobs INDEXED BY jobs_begun WHERE ended_at IS NULL AND attempt > 0",
  );
}
