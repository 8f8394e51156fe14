// The small files of an attempt's control folder: one line each, whole or absent.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/**
 * Files of a control folder that hold one line. The shell programs write `supervisor`, `job`, `watchdog`, `timed-out`,
 * `peak` and `exit`; the server writes `deadline`, `cancel`, `guards` and `guarded`, `peak` where the supervisor knows none, and `supervisor`
 * and `exit` of an attempt it could not start.
 */
export type ControlFile =
  | "supervisor"
  | "job"
  | "init"
  | "watchdog"
  | "deadline"
  | "cancel"
  | "guards"
  | "guarded"
  | "timed-out"
  | "exit"
  | "account"
  | "peak"
  | "cgroup";

/** A control file's line, and when it was written in epoch milliseconds. */
export interface ControlLine {
  readonly text: string;
  readonly writtenAt: number;
}

/** More than any line that FetchML writes. */
const LIMIT_BYTES = 16_384;

/**
 * The line of a control file. `null` when it is missing, empty, a link, no regular file, too long, or not ended by a newline:
 * writers write a line in one go, so a reader sees it whole or not at all. Read synchronously: it takes 20 µs.
 */
export function readControl(control: string, file: ControlFile): ControlLine | null {
  let fd: number;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    fd = openSync(join(control, file), flags);
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size === 0 || stat.size > LIMIT_BYTES) return null;
    const buffer = Buffer.alloc(LIMIT_BYTES);
    const text = buffer.toString("utf8", 0, readSync(fd, buffer, 0, LIMIT_BYTES, 0));
    if (text.indexOf("\n") !== text.length - 1) return null;
    return { text: text.slice(0, -1), writtenAt: Math.round(stat.mtimeMs) };
  } finally {
    closeSync(fd);
  }
}

/** Writes a control file by a second name and a rename, so that it changes from whole to whole. */
export function writeControl(control: string, file: ControlFile, text: string): void {
  const path = join(control, file);
  const unfinished = `${path}.${process.pid}.new`;
  writeFileSync(unfinished, `${text}\n`, { mode: 0o600 });
  renameSync(unfinished, path);
}

/** Empties the files in which an earlier release handed its variables to a job: it has ended. */
export function forgetVariables(control: string): void {
  for (const file of ["environment", "sandbox"]) {
    const path = join(control, file);
    if (existsSync(path)) truncateSync(path);
  }
}

/**
 * Creates a control file that must not exist yet: whole or not at all. Without text it is empty, which counts as absent.
 *
 * @returns whether it was created by this call.
 */
export function createControl(control: string, file: ControlFile, text?: string): boolean {
  const path = join(control, file);
  try {
    if (text === undefined) closeSync(openSync(path, "wx", 0o600));
    else createWhole(path, text);
    return true;
  } catch (error) {
    // Whatever went wrong: on a full disk, the text finds no room before its name is found taken.
    if (existsSync(path)) return false;
    throw error;
  }
}

/** By a second name and a link: an empty one would be taken for the claim of a supervisor that has not written its line yet. */
function createWhole(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.new`;
  try {
    writeFileSync(unfinished, `${text}\n`, { mode: 0o600 });
    linkSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Whether somebody has claimed the attempt, by creating its `supervisor` file, whatever stands in it. */
export function isClaimed(control: string): boolean {
  return existsSync(join(control, "supervisor"));
}

/** Removes a control file; it may be missing. */
export function removeControl(control: string, file: ControlFile): void {
  rmSync(join(control, file), { force: true });
}
