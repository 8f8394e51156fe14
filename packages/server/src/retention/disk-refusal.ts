// Says why something new is not taken: which room is short, and what to do.
import { FetchmlError, formatSize } from "@fetchml/protocol";
import type { DiskView, FilesView, RoomNeed } from "../domain/disk-room.ts";

/** Nothing new is taken at all. */
export function tooFull(
  what: string,
  { free_bytes, reserve_bytes, files }: DiskView,
): FetchmlError {
  if (free_bytes >= reserve_bytes && files !== null) return noFilesLeft(what, files);
  return new FetchmlError(
    "disk-full",
    `${what}: the box has ${formatSize(free_bytes)} left, and keeps ${formatSize(reserve_bytes)} free for running jobs.\n` +
      'Ask its admin to make room ("fetchml gc --dry-run" shows what can go), then try again.',
    { details: { free_bytes, reserve_bytes } },
  );
}

/** There is some room, but not for so many bytes. */
export function tooMuch(
  what: string,
  { free_bytes, reserve_bytes }: DiskView,
  { bytes, promisedBytes = 0 }: RoomNeed,
): FetchmlError {
  const others = promisedBytes > 0 ? ` and ${formatSize(promisedBytes)} for other uploads` : "";
  return new FetchmlError(
    "disk-full",
    `${what}: it takes ${formatSize(bytes)}, and the box has ${formatSize(free_bytes)} left, of which it keeps ${formatSize(reserve_bytes)} free for running jobs${others}.\n` +
      'Send less (.mlignore), or ask its admin to make room ("fetchml gc --dry-run" shows what can go), then try again.',
    { details: { free_bytes, reserve_bytes, needed_bytes: bytes } },
  );
}

/** There is some room, but not for so many files. */
export function tooMany(
  what: string,
  { free, reserve }: FilesView,
  { files = 0, promisedFiles = 0 }: RoomNeed,
): FetchmlError {
  const others = promisedFiles > 0 ? ` and ${inWords(promisedFiles)} for other uploads` : "";
  return new FetchmlError(
    "disk-full",
    `${what}: its ${inWords(files)} files and folders are too many. The box's disk has room for ${inWords(free)} more, of which it keeps ${inWords(reserve)} for running jobs${others}.\n` +
      'Send fewer (.mlignore), or ask its admin to make room ("fetchml gc --dry-run" shows what can go, "df -i" how many there are).',
    { details: { free_files: free, reserve_files: reserve, needed_files: files } },
  );
}

function noFilesLeft(what: string, { free, reserve }: FilesView): FetchmlError {
  return new FetchmlError(
    "disk-full",
    `${what}: the box's disk has no room for so many files. It can take ${inWords(free)} more, however small, and keeps ${inWords(reserve)} for running jobs.\n` +
      'Ask its admin to remove some ("fetchml gc --dry-run" shows what can go, "df -i" how many there are), then try again.',
    { details: { free_files: free, reserve_files: reserve } },
  );
}

function inWords(count: number): string {
  return count.toLocaleString("en");
}
