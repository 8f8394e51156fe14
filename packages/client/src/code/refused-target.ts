// Says why a folder cannot be written to.
import { FetchmlError } from "@fetchml/protocol";

/** Whose code could not go where. */
export interface RefusedTarget {
  readonly jobId: number;
  readonly target: string;
}

/** The error for a folder that holds something else. */
export function notEmpty({ jobId, target }: RefusedTarget, paths: readonly string[]): FetchmlError {
  return new FetchmlError(
    "bad-file",
    `Cannot write the code of job ${jobId} to ${target}: there is something else in it, ${listed(paths)}.\n` +
      "Choose an empty folder, or write over what differs and leave the rest alone: --force",
    { details: { paths: paths.slice(0, TOLD) } },
  );
}

/** The error for folders that stand where files belong, and files where folders do. */
export function inTheWay({ jobId, target }: RefusedTarget, paths: readonly string[]): FetchmlError {
  return new FetchmlError(
    "bad-file",
    `Cannot write the code of job ${jobId} to ${target}: ${listed(paths)} ${paths.length === 1 ? "is" : "are"} in the way,\n` +
      "a folder where the code has a file, or the other way round. Move that away first.",
    { details: { paths: paths.slice(0, TOLD) } },
  );
}

/** The error for a folder that another run is writing to. */
export function claimedAlready({ jobId, target }: RefusedTarget, pid: number): FetchmlError {
  return new FetchmlError(
    "conflict",
    `Cannot write the code of job ${jobId} to ${target}: another "ml code" is writing there, process ${pid}.\n` +
      "Wait until it has ended, or choose another folder.",
  );
}

const SHOWN = 3;
const TOLD = 100;

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, SHOWN).map((path) => JSON.stringify(path));
  const more = paths.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Turns what the file system refuses into words. @throws FetchmlError bad-file, disk-full, and what the work throws */
export async function sayingWhyNot<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (error instanceof FetchmlError || !/^E[A-Z]+$/.test(code)) throw error;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new FetchmlError(
        "disk-full",
        `Cannot write to ${target}: ${REASONS[code]}.\nMake room and run the same command again: what has come stays, and it goes on from there.`,
        { cause: error },
      );
    }
    const advice = ABOUT_THE_FOLDER.has(code) ? "\nName another folder with -o DIR." : "";
    throw new FetchmlError(
      "bad-file",
      `Cannot write to ${target}: ${REASONS[code] ?? code}.${advice}`,
      { cause: error },
    );
  }
}

/** Errors that another folder would not meet. */
const ABOUT_THE_FOLDER: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EEXIST", "EROFS"]);

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "the system does not allow it",
  EROFS: "it cannot be written to",
  ENOSPC: "the disk here is full",
  EDQUOT: "your quota of this disk is used up",
  ENOENT: "that folder cannot be made, or is there no more",
  ENOTDIR: "a part of the path is no folder",
  EEXIST: "it is no folder",
  ENAMETOOLONG: "a name is too long for this file system",
};
