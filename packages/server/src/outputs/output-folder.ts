// A folder that a job may write, as the server reaches into it.
import { pin, type Pinned } from "./pinned.ts";

/** A folder of outputs that was there when it was looked for. */
export interface OutputFolder {
  /** Absolute path without a link in it. */
  readonly path: string;
  /** Other absolute paths by which the job that fills it knows it. */
  readonly aliases: readonly string[];
  /** The account that owns it, and with it what the job makes. */
  readonly uid: bigint;
}

/**
 * The folder at a path; `null` when there is none, or when a link stands in its place or on the way to it, as a job may put it
 * there.
 *
 * @param path absolute, and without links as the server itself made it
 * @param aliases of it; default none
 */
export function findOutputFolder(
  path: string,
  aliases: readonly string[] = [],
): OutputFolder | null {
  using pinned = pin(path);
  if (pinned === null || pinned.realPath !== path || !pinned.stats.isDirectory()) return null;
  return { path, aliases, uid: pinned.stats.uid };
}

/** Takes hold of what is at a path in the folder; `null` when nothing is there or the way to it leads out of the folder. */
export function pinInside(folder: OutputFolder, path: string): Pinned | null {
  const pinned = pin(path === "" ? folder.path : `${folder.path}/${path}`);
  if (pinned === null || isInside(folder, pinned.realPath)) return pinned;
  pinned[Symbol.dispose]();
  return null;
}

/**
 * Whether a file has come in from elsewhere: a job may link what it can name, and where the kernel does not forbid it
 * (`fs.protected_hardlinks`) that may be a file of another account which only the server can read.
 */
export function isForeign(
  { uid }: OutputFolder,
  stats: { readonly nlink: bigint | number; readonly uid: bigint | number },
): boolean {
  return stats.nlink > 1 && BigInt(stats.uid) !== uid;
}

function isInside({ path }: OutputFolder, realPath: string): boolean {
  return realPath === path || realPath.startsWith(`${path}/`);
}
