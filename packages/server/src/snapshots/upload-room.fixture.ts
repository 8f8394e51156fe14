// A disk for tests of uploads, of which exactly that is free which the files below a folder leave.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import type { UploadDisk } from "./upload-room.ts";

/** The disk, and somebody else who takes some of it. */
export interface MeasuredRoom extends UploadDisk {
  /** What is free beyond what is to be kept free; less than 0: room is short. */
  spareBytes(): number;
  /** What somebody else takes from now on. */
  takenByOthers: number;
}

/** One with so many bytes beyond what is to be kept free, when the folder is empty. */
export function measuredRoom(folder: () => string, bytes: number): MeasuredRoom {
  const room: MeasuredRoom = {
    takenByOthers: 0,
    spareBytes: () => bytes - room.takenByOthers - bytesBelow(folder()),
    isShort: () => room.spareBytes() < 0,
    refuseUnlessRoomFor: ({ bytes: needed, promisedBytes = 0 }, what) => {
      if (room.spareBytes() < needed + promisedBytes)
        throw new FetchmlError("disk-full", `${what}: full`);
    },
  };
  return room;
}

function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    bytes += (found?.blocks ?? 0) * 512;
  }
  return bytes;
}
