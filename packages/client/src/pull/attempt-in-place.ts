// Finds the attempt that an earlier pull has put into the target itself, before there was a second one.
import type { Stats } from "node:fs";
import type { FilePull } from "./file-pull.ts";
import { judgeFile } from "./judge-file.ts";
import type { OutputListing } from "./list-outputs.ts";
import { localError } from "./local-error.ts";
import { planPull, type PlannedFile, type Selection } from "./plan-pull.ts";

/**
 * The attempt whose files lie in the target itself though several are wanted; `null` for none. It stays where it is: a retry neither
 * fetches it again nor doubles it. There is no record of earlier pulls, the files themselves tell: one of the size and the time that the
 * job's has, or else the smallest that may be the beginning of the job's, which the server is asked about.
 *
 * @throws FetchmlError as the server and the connection do; bad-file
 */
export async function attemptInPlace(
  pull: FilePull,
  listing: OutputListing,
  selection: Selection,
): Promise<number | null> {
  if (selection.kind === "checkpoints" || selection.attempts.length < 2) return null;
  for (const attempt of selection.attempts) {
    // It has got a folder of its own by now.
    if (pull.target.has(`${listing.jobId}.${attempt}`)) continue;
    const alone = { ...selection, globs: [], attempts: [attempt], logs: [] };
    const { files } = planPull(listing, alone, { isHere: () => false, inPlace: null });
    if (await areHere(pull, files)) return attempt;
  }
  return null;
}

async function areHere(pull: FilePull, files: readonly PlannedFile[]): Promise<boolean> {
  let smallest: { readonly file: PlannedFile; readonly size: number } | null = null;
  for (const file of files) {
    const there = fileAt(pull, file);
    if (there === null) continue;
    const listedBytes = file.sizeBytes ?? 0;
    if (there.size === listedBytes && Math.floor(there.mtimeMs) === file.modifiedAt) return true;
    // With nothing every file begins.
    const mayBegin = there.size > 0 && there.size <= listedBytes;
    if (mayBegin && there.size < (smallest?.size ?? Infinity))
      smallest = { file, size: there.size };
  }
  if (smallest === null) return false;
  try {
    const { kind } = await judgeFile({ ...pull, force: false, verify: false }, smallest.file);
    return kind === "equal" || kind === "fetch";
  } catch (error) {
    throw localError(error, pull.target.at(smallest.file.localPath));
  }
}

function fileAt({ target }: FilePull, { localPath }: PlannedFile): Stats | null {
  try {
    const there = target.look(localPath);
    return there?.isFile() === true ? there : null;
  } catch {
    // A name that this disk does not take.
    return null;
  }
}
