// Statements about attempts.
import type { Attempt, Outcome, PeakMemory } from "@fetchml/protocol";
import type { Database } from "./database.ts";
import { parseStored } from "./job-row.ts";

interface AttemptRow {
  readonly number: number;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly gpu_uuids: string;
  readonly outcome: string | null;
  readonly peak_mem_bytes: number | null;
  readonly peak_mem_of: PeakMemory["peak_mem_of"] | null;
}

/** Records that an attempt was claimed with these GPUs. */
export function insertAttempt(
  db: Database,
  attempt: { readonly job_id: number; readonly number: number; readonly started_at: number },
  gpuUuids: readonly string[],
): void {
  db.run(
    "INSERT INTO attempts (job_id, number, started_at, gpu_uuids) VALUES ($job_id, $number, $started_at, $gpu_uuids)",
    { ...attempt, gpu_uuids: JSON.stringify(gpuUuids) },
  );
}

/** Forgets an attempt of which nothing was begun. */
export function removeAttempt(
  db: Database,
  { jobId, attempt }: { readonly jobId: number; readonly attempt: number },
): void {
  db.run("DELETE FROM attempts WHERE job_id = $jobId AND number = $attempt", { jobId, attempt });
}

/** Records how an attempt ended, and what memory it used at most where that is known. */
export function endAttempt(
  db: Database,
  attempt: { readonly job_id: number; readonly number: number },
  {
    peak = null,
    ...end
  }: {
    readonly ended_at: number;
    readonly outcome: string;
    readonly peak?: PeakMemory | null | undefined;
  },
): void {
  db.run(
    `UPDATE attempts SET ended_at = $ended_at, outcome = $outcome,
       peak_mem_bytes = $peak_mem_bytes, peak_mem_of = $peak_mem_of
     WHERE job_id = $job_id AND number = $number AND ended_at IS NULL`,
    { ...attempt, ...end, ...(peak ?? NO_PEAK) },
  );
}

const NO_PEAK = { peak_mem_bytes: null, peak_mem_of: null };

/** All attempts of a job, first to last. */
export function attemptsOf(db: Database, jobId: number): Attempt[] {
  return db
    .all<AttemptRow>(
      "SELECT number, started_at, ended_at, gpu_uuids, outcome, peak_mem_bytes, peak_mem_of FROM attempts WHERE job_id = $jobId ORDER BY number",
      { jobId },
    )
    .map((row) => ({
      number: row.number,
      started_at: row.started_at,
      ended_at: row.ended_at,
      gpu_uuids: parseStored<string[]>(row.gpu_uuids),
      outcome: row.outcome === null ? null : parseStored<Outcome>(row.outcome),
      ...peakOf(row),
    }));
}

function peakOf({ peak_mem_bytes, peak_mem_of }: AttemptRow): PeakMemory | null {
  return peak_mem_bytes === null || peak_mem_of === null ? null : { peak_mem_bytes, peak_mem_of };
}

/** The GPUs of an attempt. */
export function gpusOfAttempt(db: Database, jobId: number, number: number): string[] {
  const row = db.get<{ gpu_uuids: string }>(
    "SELECT gpu_uuids FROM attempts WHERE job_id = $jobId AND number = $number",
    { jobId, number },
  );
  return row === null ? [] : parseStored<string[]>(row.gpu_uuids);
}
