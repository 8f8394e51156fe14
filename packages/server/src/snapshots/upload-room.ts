// Looks whether the disk has room for what uploads bring, before it comes and while it comes.
import type { DiskRoom, RoomNeed } from "../domain/disk-room.ts";

/** What uploads ask about the disk. */
export type UploadDisk = Pick<DiskRoom, "isShort" | "refuseUnlessRoomFor">;

/** For whoever takes no uploads. */
export const ENDLESS_DISK: UploadDisk = {
  isShort: () => false,
  refuseUnlessRoomFor: () => undefined,
};

/** Most that a file of so many bytes takes on the disk: it begins a block of its own. */
export function bytesOnDisk(sizeBytes: number): number {
  return sizeBytes + BLOCK_BYTES;
}

/** Most files and folders that so many blobs take: the folders of the store begin with the first blob of each. */
export function filesOnDisk(blobs: number): number {
  return blobs + Math.min(blobs, MOST_FOLDERS);
}

/** What an upload takes itself. */
export type UploadNeed = Omit<RoomNeed, "promisedBytes" | "promisedFiles">;

/** What is kept for uploads. */
export interface Claimed {
  readonly bytes: number;
  readonly files: number;
}

/** What an upload under way has announced and not yet written. */
export interface RoomClaim {
  /** What it claims now. */
  readonly claimed: Claimed;
  /** Claims this instead of what it claimed before, without a look. */
  set(need: UploadNeed): void;
  /**
   * The same, and looks whether there is room for it beside what all others claim. Refused, nothing is claimed.
   * @throws FetchmlError disk-full
   */
  take(need: UploadNeed, what: string): void;
  /** Claims nothing any more. Safe twice. */
  close(): void;
}

/**
 * The room of a disk for all uploads together: what one has announced counts for the others until it is written, so that of
 * several that have room alone the one too many is refused at its beginning.
 *
 * What is written counts as taken because the file system says so. btrfs says it only with its next commit, half a minute later:
 * there, uploads at once may take of what is kept free what they write meanwhile.
 */
export class UploadRoom {
  readonly #disk: UploadDisk;
  readonly #owed: () => Claimed;
  #claimedBytes = 0;
  #claimedFiles = 0;

  /** @param owed what has arrived and will still take room */
  constructor(disk: UploadDisk, owed: () => Claimed) {
    this.#disk = disk;
    this.#owed = owed;
  }

  /** Whether less is free than is to be kept free. */
  isShort(): boolean {
    return this.#disk.isShort();
  }

  /**
   * Refuses what has no room beside what is claimed.
   * @param own what of the need is claimed already
   * @throws FetchmlError disk-full
   */
  refuseUnlessRoomFor(need: UploadNeed, what: string, own: Claimed = NOTHING): void {
    const owed = this.#owed();
    const promisedBytes = this.#claimedBytes + owed.bytes - own.bytes;
    const promisedFiles = this.#claimedFiles + owed.files - own.files;
    this.#disk.refuseUnlessRoomFor({ ...need, promisedBytes, promisedFiles }, what);
  }

  /** One that claims nothing yet. Close it whatever happens. */
  claim(): RoomClaim {
    let claimed = NOTHING;
    const set = ({ bytes, files = 0 }: UploadNeed): void => {
      this.#claimedBytes += bytes - claimed.bytes;
      this.#claimedFiles += files - claimed.files;
      claimed = { bytes, files };
    };
    return {
      get claimed() {
        return claimed;
      },
      set,
      take: (need, what) => {
        set(NOTHING);
        this.refuseUnlessRoomFor(need, what);
        set(need);
      },
      close: () => set(NOTHING),
    };
  }
}

/**
 * Begins to watch the disk while an upload comes: a job may have taken what was free at its beginning. Call the result for each
 * piece, with its length and with what is still to be written of what was announced; bytes. It looks at once, then whenever a
 * mebibyte or a second has come since its last look, which takes 2 µs.
 *
 * @returns throws FetchmlError disk-full
 */
export function watchRoom(
  claim: Pick<RoomClaim, "set" | "take">,
  now: () => number = () => performance.now(),
): (arrivedBytes: number, toCome: UploadNeed) => void {
  let sinceLook = Infinity;
  let lookedAt = 0;
  return (arrivedBytes, toCome) => {
    sinceLook += arrivedBytes;
    if (sinceLook < LOOK_EVERY_BYTES && now() - lookedAt < LOOK_EVERY_MS) {
      claim.set(toCome);
      return;
    }
    claim.take(toCome, "Cannot take the rest of the project");
    sinceLook = 0;
    lookedAt = now();
  };
}

const NOTHING: Claimed = { bytes: 0, files: 0 };

const BLOCK_BYTES = 4096;

const LOOK_EVERY_BYTES = 1024 ** 2;

/** One for each first byte of a hash. */
const MOST_FOLDERS = 256;

/** However slowly it comes, it ends soon after room is short, and what it has left can be collected. */
const LOOK_EVERY_MS = 1000;
