// Tells whether a failure was one of room.
import { statfsSync } from "node:fs";

/** With less than this SQLite cannot make the files that it needs beside a database. */
const NEXT_TO_NOTHING_BYTES = 1_048_576;

/** Whether an error came of a full disk; SQLite calls it an I/O error where it lacks room for its index of the log. */
export function isDiskFull(error: unknown, folder: string): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL") return true;
  if (!/^SQLITE_(?:IOERR|CANTOPEN)/.test(code)) return false;
  return isShort(folder);
}

/** Which of these folders lies on the disk that a failure was of; the first where none is short; `null`: it was not one of room. */
export function fullFolder(error: unknown, folders: readonly [string, ...string[]]): string | null {
  const folder = folders.find((each) => isDiskFull(error, each) && isShort(each));
  return folder ?? (isDiskFull(error, folders[0]) ? folders[0] : null);
}

function isShort(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < NEXT_TO_NOTHING_BYTES;
}
