// Turns what a full disk makes of a write into an error for whoever caused the write.
import { FetchmlError } from "@fetchml/protocol";

/**
 * Runs the work; when the disk or a quota is full, that is said in words.
 * @param what could not be done then, as the beginning of a sentence
 * @throws FetchmlError disk-full
 */
export async function sayingDiskFull<T>(
  work: () => Promise<T>,
  what = "Cannot store the project",
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FetchmlError || !isDiskFull(error)) throw error;
    throw new FetchmlError(
      "disk-full",
      `${what}: the box has no room left. Ask its admin to make some, then try again.`,
      { cause: error },
    );
  }
}

/** Whether it says that the disk or a quota is full: the system's error, or ours. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || code === "disk-full";
}
