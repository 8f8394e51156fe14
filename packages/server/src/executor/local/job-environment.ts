// The environment of a job, and the file through which it reaches the job: never an argument, never the supervisor's own.
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import type { JobFolders } from "./job-folders.ts";

/** Variables every job starts from: PATH, LANG, TZ and what else the admin's set-up gives to all jobs. */
export type BaseEnvironment = Readonly<Record<string, string>>;

/**
 * All variables of a job; nothing of the server's own. What the job asked for wins over the base environment, TMPDIR,
 * PYTHONUNBUFFERED, COLUMNS and TERM. What says who and where the job is wins over the job: HOME, USER, CUDA_VISIBLE_DEVICES,
 * CUDA_DEVICE_ORDER and FetchML's own ML_ names.
 */
export function jobEnvironment(
  spec: AttemptSpec,
  folders: JobFolders,
  base: BaseEnvironment,
): Record<string, string> {
  return {
    ...base,
    TMPDIR: folders.tmp,
    PYTHONUNBUFFERED: "1",
    COLUMNS: "120",
    TERM: "dumb",
    ...spec.env,
    HOME: folders.home,
    USER: spec.user,
    ML_JOB_ID: String(spec.jobId),
    ML_JOB_NAME: spec.jobName,
    ML_ATTEMPT: String(spec.attempt),
    ML_USER: spec.user,
    ML_OUTPUT_DIR: folders.outputs,
    ML_CHECKPOINT_DIR: folders.checkpoints,
    ML_RESUME: spec.resume ? "1" : "0",
    CUDA_VISIBLE_DEVICES: spec.gpuUuids.join(","),
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
  };
}

/**
 * Shell source that exports the variables. Values stand between single quotes, in which a shell takes every byte but the
 * quote itself for what it is. `command` keeps bash from giving up at a name it holds read-only, such as UID.
 *
 * @throws Error when a name is no shell name or a value holds a NUL: the API lets neither through.
 */
export function exportLines(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes("\0")) {
        throw new Error(`the variable ${JSON.stringify(name)} cannot be set`);
      }
      return `command export ${name}='${value.replaceAll("'", "'\\''")}'`;
    })
    .join("\n");
}
