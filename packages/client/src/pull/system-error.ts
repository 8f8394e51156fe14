// What the system says went wrong with a file, by its code and in words.

/** The code of the system's error, such as `ENOENT`; `null` for any other error. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error ? String(error.code) : null;
}

/** Whether the system's error has that code. */
export function hasCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/** The system's error as the end of a sentence. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error) ?? "";
  return REASONS[code] ?? (code === "" ? String(error) : code);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EROFS: "that disk can only be read",
  ENOENT: "a folder on the way there is gone",
  EIO: "that disk reports an error",
  ENOTDIR: "a part of that path is no folder",
  EEXIST: "there is something else",
  EISDIR: "there is a folder",
  ENAMETOOLONG: "the path is too long",
  EXDEV: "a folder in the target is on another disk",
  EFBIG: "the file would be larger than is allowed here",
};
