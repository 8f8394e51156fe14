// The error for whoever restores from a file that is no whole backup.
import { FetchmlError } from "@fetchml/protocol";

/** @param why what is wrong with it, as the second half of a sentence */
export function brokenBackup(path: string, why: string): FetchmlError {
  return new FetchmlError(
    "bad-file",
    `The backup ${path} is not whole: ${why}.\nNothing was restored. Use another backup, or copy this one again from where it came.`,
  );
}
