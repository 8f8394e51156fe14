// Says in words why a server cannot start on a box that lacks room, files or the right to write.
import { FetchmlError } from "@fetchml/protocol";

/** The error in words, where the box is what has to be mended; any other error as it is. */
export function startProblem(error: unknown, dataDir: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
    case "SQLITE_FULL":
      return new FetchmlError(
        "disk-full",
        `Cannot start: there is no room left for ${dataDir}.\nMake some and start again; running jobs go on meanwhile.`,
        { cause: error },
      );
    case "EROFS":
    case "SQLITE_READONLY":
    case "SQLITE_READONLY_DBMOVED":
    case "SQLITE_READONLY_DIRECTORY":
      return new FetchmlError(
        "box-unfit",
        `Cannot start: ${dataDir} cannot be written; its file system is read-only.\nMount it for writing ("mount -o remount,rw"), look into "dmesg" for why it was not, and start again.`,
        { cause: error },
      );
    case "EMFILE":
    case "ENFILE":
      return new FetchmlError(
        "box-unfit",
        `Cannot start: this account may not open more files ("ulimit -n").\nRaise the limit, to 4096 or more, and start again.`,
        { cause: error },
      );
    case "EAGAIN":
    case "ENOMEM":
      return new FetchmlError(
        "box-unfit",
        `Cannot start: the box gives this account no more processes or memory ("ulimit -u", "free").\nMake room and start again.`,
        { cause: error },
      );
    default:
      return error;
  }
}
