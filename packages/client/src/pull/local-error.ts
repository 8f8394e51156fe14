// What to tell a person when something cannot be written on this machine.
import { FetchmlError } from "@fetchml/protocol";
import { codeOf, reasonOf } from "./system-error.ts";

/** Errors that are about one name and not about the disk: another file may well be written. */
const ABOUT_THE_NAME: ReadonlySet<string> = new Set(["ENAMETOOLONG", "EINVAL", "EILSEQ"]);

/** The problem with a name that this file system does not take, as the end of a sentence; `null` for any other error. */
export function nameTrouble(error: unknown): string | null {
  return ABOUT_THE_NAME.has(codeOf(error) ?? "") ? "has a name that this disk does not take" : null;
}

/** The error that ends a pull. What is no error of the system is left as it is. */
export function localError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof FetchmlError || code === null || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const what = code === "ENOSPC" ? "the disk here is full" : "your quota of this disk is used up";
    return new FetchmlError(
      "disk-full",
      `Cannot write ${path}: ${what}.\nMake room and run the same command again: it goes on where it was.`,
      { cause: error },
    );
  }
  return new FetchmlError(
    "bad-file",
    `Cannot write ${path}: ${reasonOf(error)}.\nMend that, or name another folder with -o DIR.`,
    { cause: error },
  );
}
