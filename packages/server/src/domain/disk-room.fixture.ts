// A disk for tests, whose room a test settles.
import { FetchmlError } from "@fetchml/protocol";
import type { DiskRoom } from "./disk-room.ts";

/** A disk of 1,000 bytes that keeps 100 of them free. */
export interface DiskUnderTest extends DiskRoom {
  /** Settles how much is free. */
  setFree(bytes: number): void;
}

/** One with 900 bytes free. */
export function diskUnderTest(): DiskUnderTest {
  let free = 900;
  const disk: DiskUnderTest = {
    look: () => ({ size_bytes: 1000, free_bytes: free, reserve_bytes: 100 }),
    isShort: () => free < 100,
    refuseWhenShort: (what) => {
      if (disk.isShort()) throw new FetchmlError("disk-full", `${what}: full`);
    },
    setFree: (bytes) => {
      free = bytes;
    },
  };
  return disk;
}
