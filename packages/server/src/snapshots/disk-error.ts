// Turns what a full disk makes of a write into an error for whoever caused the write.
import { FetchmlError } from "@fetchml/protocol";

/** Runs the work; when the disk or a quota is full, that is said in words. @throws FetchmlError disk-full */
export async function sayingDiskFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FetchmlError || !isDiskFull(error)) throw error;
    throw new FetchmlError(
      "disk-full",
      "Cannot store the project: the box has no room left. Ask its admin to make some, then try again.",
      { cause: error },
    );
  }
}

/** Whether it says that the disk or a quota is full: the system's error, or ours. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || code === "disk-full";
}
