// Puts a whole file, or a link, in its place in the target, and never over something that nobody has agreed to lose.
import {
  chmodSync,
  linkSync,
  lstatSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  type Stats,
} from "node:fs";
import { isUntouched } from "./compare-local.ts";
import { codeOf, hasCode } from "./system-error.ts";
import type { TargetFolder } from "./target-folder.ts";

/** Where something goes. */
export interface Placing {
  readonly target: TargetFolder;
  readonly localPath: string;
  /** What is there and may be replaced, as it was when that was decided; `null` when there is to be nothing. */
  readonly replaces: Stats | null;
}

/** `null` when it is in its place, else what is in the way, as the end of a sentence that begins with the name. */
export type Placed = string | null;

/**
 * Gives a part its name. At every moment there is either what was there before or the whole file.
 *
 * @param file.modifiedAt epoch milliseconds; `null` leaves the time as it is
 * @throws the system's error
 */
export function placeFile(
  part: string,
  file: { readonly executable: boolean; readonly modifiedAt: number | null },
  placing: Placing,
): Placed {
  if (file.executable) chmodSync(part, executableMode(lstatSync(part).mode));
  if (file.modifiedAt !== null) utimesSync(part, new Date(), file.modifiedAt / 1000);
  const putNew = (path: string) => {
    try {
      // Unlike a rename it fails where something has come up meanwhile.
      linkSync(part, path);
    } catch (error) {
      if (hasCode(error, "EEXIST")) return IN_THE_WAY;
      if (!NO_HARD_LINKS.has(codeOf(error) ?? "")) throw error;
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return IN_THE_WAY;
      renameSync(part, path);
    }
    rmSync(part, { force: true });
    return null;
  };
  return putThere(placing, putNew, part);
}

/** What file systems say that have none, or no room for one more. */
const NO_HARD_LINKS: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
  "EINVAL",
]);

/**
 * Makes a link.
 *
 * @param spare a path at which there is nothing, on the same disk
 * @throws the system's error
 */
export function placeLink(linkTarget: string, spare: string, placing: Placing): Placed {
  symlinkSync(linkTarget, spare);
  const putNew = (path: string) => {
    try {
      symlinkSync(linkTarget, path);
      return null;
    } catch (error) {
      if (hasCode(error, "EEXIST")) return IN_THE_WAY;
      throw error;
    }
  };
  try {
    return putThere(placing, putNew, spare);
  } finally {
    rmSync(spare, { force: true });
  }
}

const IN_THE_WAY = "has come up here meanwhile, and was left as it is";

function putThere(
  { target, localPath, replaces }: Placing,
  putNew: (path: string) => Placed,
  substitute: string,
): Placed {
  const obstacle = target.makeFolders(localPath);
  if (obstacle !== null) return obstacle;
  if (!target.isStraight(localPath)) return "lies below a folder that was changed into a link here";
  if (replaces === null) return putNew(target.at(localPath));
  if (!isUntouched(replaces, target.look(localPath))) {
    return "has changed here meanwhile, and was left as it is";
  }
  renameSync(substitute, target.at(localPath));
  return null;
}

/** Whoever may read it may execute it; no bit that gives a program somebody else's rights. */
function executableMode(mode: number): number {
  const plain = mode & 0o777;
  return plain | ((plain & 0o444) >> 2);
}
