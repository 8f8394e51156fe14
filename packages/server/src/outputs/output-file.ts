// A file of the outputs that is open for reading, whatever the job does to its name from now on.
import { constants, type BigIntStats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { isForeign, pinInside, type OutputFolder } from "./output-folder.ts";
import { etagOf } from "./output-etag.ts";
import { hasCode } from "./pinned.ts";
import { isTooLarge, modifiedAt } from "./told-numbers.ts";

/** Why there is nothing to read at a path. */
export type Unopened = "absent" | "not-a-file" | "foreign-file" | "unreadable";

/** What is read of an open file. */
export interface OutputHandle {
  /** Reads up to `length` bytes from `position` on into the buffer at `offset`; 0 at the end. */
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  stat(options: { readonly bigint: true }): Promise<Pick<BigIntStats, "size" | "ctimeNs">>;
}

/** The file as it was when it was opened. */
export interface OutputFile {
  readonly handle: OutputHandle;
  /** Closes it. Safe twice. */
  readonly close: () => Promise<void>;
  readonly sizeBytes: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** As in an HTTP header; a weak one while the file may change without showing it. */
  readonly etag: string;
  /** When its content or its name last changed; nanoseconds. */
  readonly ctimeNs: bigint;
}

/** A file that was opened by its path. */
export interface OpenedOutput extends OutputFile {
  readonly handle: FileHandle;
}

/**
 * Opens a file for reading. It is never waited for, never a device, and lies in the folder at the moment of opening.
 * Whoever asks closes it.
 *
 * @param now epoch milliseconds
 */
export async function openOutput(
  folder: OutputFolder,
  path: string,
  now: number,
): Promise<OpenedOutput | Unopened> {
  using pinned = pinInside(folder, path);
  if (pinned === null) return "absent";
  if (!pinned.stats.isFile()) return "not-a-file";
  if (isForeign(folder, pinned.stats)) return "foreign-file";
  let handle: FileHandle;
  try {
    // By what is held and not by its name. O_NOFOLLOW would refuse this way; there is nothing left to follow.
    handle = await open(pinned.place, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, UNREADABLE)) return "unreadable";
    throw error;
  }
  let closed: Promise<void> | null = null;
  const close = () => (closed ??= handle.close());
  try {
    const stats = await handle.stat({ bigint: true });
    if (isTooLarge(stats)) {
      await close();
      return "unreadable";
    }
    return {
      handle,
      close,
      sizeBytes: Number(stats.size),
      modifiedAt: modifiedAt(stats),
      etag: etagOf(stats, now),
      ctimeNs: stats.ctimeNs,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether a listing could hold the path: no name in it is empty or leads up. */
export function isListedPath(path: string): boolean {
  return (
    !path.includes("\0") &&
    path.split("/").every((name) => name !== "" && name !== "." && name !== "..")
  );
}

const UNREADABLE: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);
