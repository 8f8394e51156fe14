// Looks, before the first byte is asked for, whether the disk here has room for what is to come.
import { statfsSync, type StatsFs } from "node:fs";
import { FetchmlError, formatSize } from "@fetchml/protocol";
import type { FilePull } from "./file-pull.ts";
import { PARTS_FOLDER } from "./local-name.ts";
import type { PlannedFile } from "./plan-pull.ts";

/**
 * Ends a pull that is sure not to fit. Counted is what is listed, has no file here and was not left by an earlier try; with
 * `force` also what has a file of another size here. Where the system tells nothing of the disk, nothing is refused.
 *
 * @param ask what the system tells of the disk
 * @throws FetchmlError disk-full
 */
export function refuseWithoutRoom(
  pull: Pick<FilePull, "target" | "parts" | "force">,
  files: readonly PlannedFile[],
  ask: (folder: string) => Pick<StatsFs, "bsize" | "blocks" | "bavail"> = (path) =>
    statfsSync(path),
): void {
  const freeBytes = freeOn(pull.target.path, ask);
  // Most often all of it would fit, and nothing has to be looked up.
  const listedBytes = files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  if (freeBytes === null || listedBytes <= freeBytes) return;
  let [comingBytes, leftBytes] = [0, 0];
  let largest: PlannedFile | null = null;
  for (const file of files) {
    if (!isToCome(pull, file)) continue;
    const size = file.sizeBytes ?? 0;
    const left = Math.min(pull.parts.find(file.address)?.sizeBytes ?? 0, size);
    comingBytes += size - left;
    leftBytes += left;
    if (size > (largest?.sizeBytes ?? 0)) largest = file;
  }
  if (largest === null || comingBytes <= freeBytes) return;
  const before =
    leftBytes === 0
      ? ""
      : ` An earlier try has left ${formatSize(leftBytes)} in ${PARTS_FOLDER} there.`;
  throw new FetchmlError(
    "disk-full",
    `Cannot pull into ${pull.target.path}: ${formatSize(comingBytes)} is still to come, and that disk has ${formatSize(freeBytes)} free.\n` +
      `The largest is ${shortened(largest.path)} (${formatSize(largest.sizeBytes ?? 0)}).${before}\n` +
      "Make room and run the same command again, pull less with a pattern, or name a folder on another disk with -o DIR.",
  );
}

function freeOn(
  path: string,
  ask: (folder: string) => Pick<StatsFs, "bsize" | "blocks" | "bavail">,
): number | null {
  try {
    const { bsize, blocks, bavail } = ask(path);
    // Some network disks tell of no room at all, and take files.
    return blocks === 0 ? null : bsize * bavail;
  } catch {
    return null;
  }
}

/** What is here and differs is left as it is, or is the beginning of what the job has: that is only known later. */
function isToCome(
  { target, force }: Pick<FilePull, "target" | "force">,
  { localPath, sizeBytes }: PlannedFile,
): boolean {
  try {
    const there = target.look(localPath);
    return there === null || (force && there.size !== sizeBytes);
  } catch {
    // A name that this disk does not take is met where the file is pulled.
    return false;
  }
}

/** A path may be as long as a page. */
function shortened(path: string): string {
  const signs = Array.from(path);
  return JSON.stringify(signs.length <= 150 ? path : `${signs.slice(0, 149).join("")}…`);
}
