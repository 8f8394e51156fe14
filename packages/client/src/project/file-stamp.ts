// What the file system says of a file or folder, by which a change of it is noticed without reading it.
import { statSync, type Stats } from "node:fs";

/** Times are epoch milliseconds with a fraction: as exact as a double says them, a quarter of a microsecond. */
export interface FileStamp {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly sizeBytes: number;
  readonly inode: number;
  /** Whether the owner may execute it. Always false on Windows. */
  readonly executable: boolean;
}

/** A path, and what was there when it was looked at: `null` is nothing. Links are followed. */
export interface Watched {
  readonly path: string;
  readonly stamp: FileStamp | null;
}

/** The stamp of something that was looked at. */
export function stampOf({ mtimeMs, ctimeMs, size, ino, mode }: Stats): FileStamp {
  return { mtimeMs, ctimeMs, sizeBytes: size, inode: ino, executable: (mode & 0o100) !== 0 };
}

/** Looks at a path. What cannot be looked at counts as nothing. */
export function watch(path: string): Watched {
  try {
    // Most of what is looked for is not there, and to throw costs two thirds of a look more.
    const stat = statSync(path, { throwIfNoEntry: false });
    return { path, stamp: stat === undefined ? null : stampOf(stat) };
  } catch {
    // Still thrown where a folder above is a file or may not be entered.
    return { path, stamp: null };
  }
}

/** Whether two stamps leave no sign of a change between them. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.sizeBytes === b.sizeBytes &&
    a.inode === b.inode
  );
}

/**
 * Whether the last change is surely older than a look at the content at `lookedAt` (epoch milliseconds). A change in the
 * same tick of the file system's clock as that look would leave no other sign. Linux ticks every 10 ms or faster and lags
 * behind the exact clock by up to a tick; FAT counts in steps of two seconds, which shows as times without a fraction.
 */
export function isOlder(
  { mtimeMs, ctimeMs }: Pick<FileStamp, "mtimeMs" | "ctimeMs">,
  lookedAt: number,
): boolean {
  const changedAt = Math.max(mtimeMs, ctimeMs);
  // Nearly all are that old, and a remainder of a fraction takes long to work out.
  if (changedAt + COARSE_MS < lookedAt) return true;
  const isCoarse = mtimeMs % 1000 === 0 && ctimeMs % 1000 === 0;
  return !isCoarse && changedAt + FINE_MS < lookedAt;
}

const COARSE_MS = 2000;
const FINE_MS = 50;
