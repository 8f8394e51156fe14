// Where the files of an attempt lie below the data folder.
import { join } from "node:path";
import type { AttemptKey } from "./attempt-key.ts";

/** Absolute paths of one attempt. `control` is never visible to the job. */
export interface AttemptFolder {
  readonly root: string;
  readonly control: string;
  readonly log: string;
  /** The values of its secrets, sealed; missing where it had none. */
  readonly secrets: string;
  readonly job: string;
  readonly work: string;
  readonly outputs: string;
  readonly tmp: string;
}

/** Begins the names, in an attempt's root, of what is not laid out to its end: nobody's results. */
export const UNFINISHED_PREFIX = "unfinished-";

/** The paths of an attempt in a data folder; nothing is created. */
export function attemptFolder(dataDir: string, { jobId, attempt }: AttemptKey): AttemptFolder {
  const root = join(dataDir, "attempts", `${jobId}.${attempt}`);
  const control = join(root, "control");
  const job = join(root, "job");
  return {
    root,
    control,
    log: join(control, "log"),
    secrets: join(control, "secrets"),
    job,
    work: join(job, "work"),
    outputs: join(job, "outputs"),
    tmp: join(job, "tmp"),
  };
}

/** What the sealed values of an attempt's secrets belong to, such as `attempt/12.2`. */
export function secretsContext({ jobId, attempt }: AttemptKey): string {
  return `attempt/${jobId}.${attempt}`;
}
