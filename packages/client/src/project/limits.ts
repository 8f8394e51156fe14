// How much a project may hold before it is refused.
import type { ProjectFile } from "./project-file.ts";

/** Upper bounds of what is sent. */
export interface ProjectLimits {
  readonly totalBytes: number;
  readonly fileBytes: number;
  /** Files and links together; and folders that hold some. */
  readonly fileCount: number;
}

/** 200 MiB in all, 50 MiB in one file, 50,000 files. */
export const DEFAULT_LIMITS: ProjectLimits = {
  totalBytes: 200 * 1024 ** 2,
  fileBytes: 50 * 1024 ** 2,
  fileCount: 50_000,
};

/** What `ml.toml` says of limits, and the defaults for the rest. */
export function limitsOf(file: ProjectFile | null): ProjectLimits {
  return {
    totalBytes: file?.max_size_bytes ?? DEFAULT_LIMITS.totalBytes,
    fileBytes: file?.max_file_size_bytes ?? DEFAULT_LIMITS.fileBytes,
    fileCount: file?.max_files ?? DEFAULT_LIMITS.fileCount,
  };
}
