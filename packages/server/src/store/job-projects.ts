// Statements about how large the projects of jobs are.
import type { QueuedJob } from "../domain/pick-next.ts";
import type { ProjectSize } from "../domain/project-room.ts";
import type { Database } from "./database.ts";

/** A job that may start now, with the size of its project where that was asked for; `null` without one. */
export interface StartableJob extends QueuedJob {
  readonly size_bytes?: number | null;
  readonly file_count?: number | null;
}

/** How large the project of a job is; `null` when it has none. */
export function projectOf(db: Database, jobId: number): ProjectSize | null {
  return db.get<ProjectSize>(
    `SELECT s.size_bytes, s.file_count FROM jobs AS j JOIN snapshots AS s ON s.id = j.snapshot WHERE j.id = $jobId`,
    { jobId },
  );
}

/** How large the projects of all jobs are together that are being started. */
export function startingProjects(db: Database): ProjectSize {
  const sum = db.get<ProjectSize>(
    `SELECT coalesce(sum(s.size_bytes), 0) AS size_bytes, coalesce(sum(s.file_count), 0) AS file_count
     FROM jobs AS j INDEXED BY jobs_alive JOIN snapshots AS s ON s.id = j.snapshot WHERE j.state = 'starting'`,
  );
  return sum ?? { size_bytes: 0, file_count: 0 };
}
