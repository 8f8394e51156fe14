// A disk for tests, whose room a test settles.
import { FetchmlError } from "@fetchml/protocol";
import type { DiskRoom } from "./disk-room.ts";

/** A large disk that keeps 100 bytes free. */
export interface DiskUnderTest extends DiskRoom {
  /** Settles how much is free. */
  setFree(bytes: number): void;
}

/** One that is nearly empty. */
export function diskUnderTest(): DiskUnderTest {
  let free = 0.9 * SIZE_BYTES;
  const disk: DiskUnderTest = {
    look: () => ({
      size_bytes: SIZE_BYTES,
      free_bytes: free,
      reserve_bytes: RESERVE_BYTES,
      files: null,
    }),
    isShort: () => free < RESERVE_BYTES,
    refuseWhenShort: (what) => {
      disk.refuseUnlessRoomFor({ bytes: 0 }, what);
    },
    refuseUnlessRoomFor: ({ bytes, promisedBytes = 0 }, what) => {
      if (free - bytes - promisedBytes < RESERVE_BYTES)
        throw new FetchmlError("disk-full", `${what}: full`);
    },
    setFree: (bytes) => {
      free = bytes;
    },
  };
  return disk;
}

const SIZE_BYTES = 1e12;
const RESERVE_BYTES = 100;
