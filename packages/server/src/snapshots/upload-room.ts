// Looks whether the disk has room for what an upload brings, before it comes and while it comes.
import type { DiskRoom } from "../domain/disk-room.ts";

/** What an upload asks about the disk. */
export type UploadRoom = Pick<DiskRoom, "isShort" | "refuseUnlessRoomFor">;

/** For whoever takes no uploads. */
export const ENDLESS_ROOM: UploadRoom = {
  isShort: () => false,
  refuseUnlessRoomFor: () => undefined,
};

/** Most that a file of so many bytes takes on the disk: it begins a block of its own. */
export function bytesOnDisk(sizeBytes: number): number {
  return sizeBytes + BLOCK_BYTES;
}

/**
 * Begins to watch the disk while an upload comes: an upload beside it, or a job, may have taken what was free at its beginning.
 * Call the result for each piece, with its length and with what is still to be written of what was announced; bytes. It looks
 * at once, then whenever a mebibyte or a second has come since its last look, which takes 2 µs.
 *
 * @returns throws FetchmlError disk-full
 */
export function watchRoom(
  room: UploadRoom,
  now: () => number = () => performance.now(),
): (arrivedBytes: number, toComeBytes: number) => void {
  let sinceLook = Infinity;
  let lookedAt = 0;
  return (arrivedBytes, toComeBytes) => {
    sinceLook += arrivedBytes;
    if (sinceLook < LOOK_EVERY_BYTES && now() - lookedAt < LOOK_EVERY_MS) return;
    room.refuseUnlessRoomFor(toComeBytes, "Cannot take the rest of the project");
    sinceLook = 0;
    lookedAt = now();
  };
}

const BLOCK_BYTES = 4096;

const LOOK_EVERY_BYTES = 1024 ** 2;

/** However slowly it comes, it ends soon after room is short, and what it has left can be collected. */
const LOOK_EVERY_MS = 1000;
