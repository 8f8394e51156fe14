// Which blobs of an upload go into a pack first, and what the pack takes.
import { BLOB_HEADER_BYTES } from "@fetchml/protocol";
import { bytesOnDisk } from "./upload-room.ts";

/** Up to this size a blob is held in memory until it is whole; bytes. */
export const HELD_BYTES = 1024 ** 2;

/** So few are synced one by one, and a job that needs them starts the sooner. */
export const MOST_ALONE = 8;
const MOST_HELD_BYTES = 4 * 1024 ** 2;

/** Whether a blob of this size is one of those that may go into a pack. */
export function mayBePacked(sizeBytes: number): boolean {
  return sizeBytes <= HELD_BYTES;
}

/** Whether so many small ones at once go into a pack. */
export function arePacked({
  count,
  bytes,
}: {
  readonly count: number;
  readonly bytes: number;
}): boolean {
  return count > MOST_ALONE || bytes > MOST_HELD_BYTES;
}

/** Most that the packs of small blobs of these sizes take on the disk, beside the blobs themselves; 0 where there is none. */
export function packedBytes(sizes: readonly number[]): number {
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (!arePacked({ count: sizes.length, bytes })) return 0;
  return bytesOnDisk(bytes + sizes.length * BLOB_HEADER_BYTES);
}
