// Turns what a full disk makes of a write into an error for whoever caused the write.
import { FetchmlError } from "@fetchml/protocol";

/** Runs the work; when the disk or a quota is full, that is said in words. @throws FetchmlError disk-full */
export async function sayingDiskFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    throw noRoom(error);
  }
}

/** The error for whoever sends more than there is room for. */
export function noRoom(cause?: unknown): FetchmlError {
  return new FetchmlError(
    "disk-full",
    "Cannot store the project: the box has no room left. Ask its admin to make some, then try again.",
    { cause },
  );
}
