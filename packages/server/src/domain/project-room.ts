// Whether a disk has room to lay out a project beside what is kept free.
import type { DiskView } from "./disk-room.ts";

/** Room of a disk: what is needed of it, or what may be taken. */
export interface Room {
  /** 0 or more as a need; below 0 where less is free than is to be kept free. */
  readonly bytes: number;
  /** Files and folders; `Infinity` where a disk takes them as long as it has bytes. */
  readonly files: number;
}

/** A project as the store knows it. */
export interface ProjectSize {
  /** Sum of its files. */
  readonly size_bytes: number;
  /** Without its folders and links, which nobody has counted. */
  readonly file_count: number;
}

/** What laying out projects takes on this box. */
export interface ProjectCost {
  /** False where the file system shares the bytes of copies. */
  readonly takesBytes: boolean;
  /** The largest project that is taken. */
  readonly largest: ProjectSize;
}

/**
 * What laying out a project takes.
 * @param takesBytes false where the file system shares the bytes of copies
 */
export function needOf({ size_bytes, file_count }: ProjectSize, takesBytes: boolean): Room {
  // Each file ends in a block that it does not fill.
  return { bytes: takesBytes ? size_bytes + file_count * BLOCK_BYTES : 0, files: file_count };
}

/** What may be taken of a disk without touching what is kept free. */
export function spareOf({ free_bytes, reserve_bytes, files }: DiskView): Room {
  return {
    bytes: free_bytes - reserve_bytes,
    files: files === null ? Infinity : files.free - files.reserve,
  };
}

/** Whether there is room. What needs no bytes needs none to be spare. */
export function hasRoomFor(need: Room, spare: Room): boolean {
  return (
    (need.bytes === 0 || need.bytes <= spare.bytes) &&
    (need.files === 0 || need.files <= spare.files)
  );
}

/** What is left beside a need. */
export function beside(need: Room, spare: Room): Room {
  return { bytes: spare.bytes - need.bytes, files: spare.files - need.files };
}

const BLOCK_BYTES = 4096;
