// Pulls one file: compares what is here, fetches what is not, and puts it in its place.
import { BUNDLE_LARGEST_FILE } from "@fetchml/protocol";
import { fetchFile } from "./fetch-file.ts";
import type { FilePull } from "./file-pull.ts";
import { endOfError, finishFile, itemOf } from "./finish-file.ts";
import { judgeFile, type FileEnd } from "./judge-file.ts";
import type { PlannedFile } from "./plan-pull.ts";
import type { TellPlace } from "./pull-progress.ts";
import type { PulledItem } from "./pulled-item.ts";

/**
 * Pulls a file. What is here and differs is left as it is, unless it is the beginning of what the job has by now, or may be
 * replaced.
 *
 * @param tell is told how far it is
 * @throws FetchmlError as the server and the connection do; bad-file, disk-full when it cannot be written here
 */
export async function pullFile(
  pull: FilePull,
  file: PlannedFile,
  tell: TellPlace,
): Promise<PulledItem> {
  let end: FileEnd;
  try {
    end = await bring(pull, file, tell);
  } catch (error) {
    end = endOfError(error, pull.target.at(file.localPath));
  }
  if (end.kind !== "pulled" && end.kind !== "growing") tell(null);
  return itemOf(file, end);
}

/** Whether a file is so small that its way is longer than itself. */
export function isSmallFile({ sizeBytes }: PlannedFile): boolean {
  return sizeBytes !== null && sizeBytes <= BUNDLE_LARGEST_FILE;
}

async function bring(pull: FilePull, file: PlannedFile, tell: TellPlace): Promise<FileEnd> {
  const { address } = file;
  const isSmall = isSmallFile(file);
  const verdict = await judgeFile(pull, file);
  // A pull that was killed after it had put the file in its place may have left the other name.
  if (verdict.kind === "equal" && !isSmall) pull.parts.forget(address);
  if (verdict.kind !== "fetch") return verdict;
  const onPlace = (doneBytes: number, sizeBytes: number) => tell({ doneBytes, sizeBytes });
  const fetched = await fetchFile(pull, { address, isSmall, onPlace });
  if (fetched.kind !== "whole") return fetched;
  const { part, isGrowing } = fetched;
  const end = await finishFile(pull, file, { part, replaces: verdict.replaces });
  if (!isSmall) pull.parts.forget(address);
  return end.kind === "pulled" && isGrowing ? { ...end, kind: "growing" } : end;
}
