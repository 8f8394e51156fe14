// Tells from the times of folders and ignore files whether a project still holds the same names, without listing any.
import { statfsSync } from "node:fs";
import { isOlder, isSameStamp, watch, type Watched } from "./file-stamp.ts";

/** What a list of names was made from. */
export interface KeptTree {
  /** All that was asked for, as text. */
  readonly request: string;
  /** Every folder that was listed, and every ignore file that was read or looked for. */
  readonly watched: readonly Watched[];
}

/**
 * Whether listing the folders again would surely give the same names. A folder's time changes whenever a name in it comes,
 * goes or becomes another thing; but not on every file system, so it is only believed on those known for it.
 *
 * @param lookedAt when the list was made; epoch milliseconds
 */
export function holdsSameNames(
  kept: KeptTree,
  {
    root,
    request,
    lookedAt,
  }: { readonly root: string; readonly request: string; readonly lookedAt: number },
): boolean {
  if (kept.request !== request || !keepsFolderTimes(root)) return false;
  for (const { path, stamp } of kept.watched) {
    const now = watch(path).stamp;
    if (now === null ? stamp !== null : stamp === null) return false;
    if (now === null || stamp === null) continue;
    if (!isSameStamp(now, stamp) || !isOlder(stamp, lookedAt)) return false;
  }
  return true;
}

/** Numbers of statfs(2): ext2 to ext4, XFS, Btrfs, ZFS, F2FS, tmpfs, overlayfs, bcachefs. */
const HONEST = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0xf2f52010, 0x01021994, 0x794c7630, 0xca451a4e,
]);

function keepsFolderTimes(root: string): boolean {
  try {
    return process.platform === "linux" && HONEST.has(statfsSync(root).type);
  } catch {
    return false;
  }
}
