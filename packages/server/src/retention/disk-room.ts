// How much room the disk has left, and whether that is enough to take something new.
import { statfsSync, type StatsFs } from "node:fs";
import { isShortIn, type DiskRoom, type DiskView, type FilesView } from "../domain/disk-room.ts";
import { bytesOfShare, defaultReserveBytes, type DiskShare } from "../domain/retention-rules.ts";
import { tooFull, tooMany, tooMuch } from "./disk-refusal.ts";

/**
 * The disk on which a folder lies.
 * @param reserve what is kept free, or who tells it at each look; `null` for a twentieth of the disk, at most 2 GiB
 * @param ask what the system tells of that disk
 */
export function diskRoom(
  folder: string,
  reserve: DiskShare | null | (() => DiskShare | null),
  ask: (folder: string) => SystemsDisk = (path) => statfsSync(path),
): DiskRoom {
  const look = (): DiskView => {
    const found = ask(folder);
    const { bsize, blocks, bavail } = found;
    const size = blocks * bsize;
    const kept = typeof reserve === "function" ? reserve() : reserve;
    return {
      size_bytes: size,
      free_bytes: bavail * bsize,
      reserve_bytes: kept === null ? defaultReserveBytes(size) : bytesOfShare(kept, size),
      files: filesOf(found),
    };
  };
  let ofTurn: DiskView | null = null;
  const lookOnceATurn = (): DiskView => {
    if (ofTurn !== null) return ofTurn;
    setImmediate(() => (ofTurn = null));
    return (ofTurn = look());
  };
  return {
    look,
    isShort: () => isShortIn(look()),
    refuseWhenShort: (what) => {
      const view = lookOnceATurn();
      if (isShortIn(view)) throw tooFull(what, view);
    },
    refuseUnlessRoomFor: (need, what) => {
      const view = look();
      const { bytes, files = 0, promisedBytes = 0, promisedFiles = 0, writtenBytes = 0 } = need;
      // What it has written goes with it, so that the sender finds this free, not less.
      const after = { ...view, free_bytes: view.free_bytes + writtenBytes };
      if (isShortIn(after)) throw tooFull(what, after);
      if (view.free_bytes - bytes - promisedBytes < view.reserve_bytes) {
        throw tooMuch(what, after, { bytes: bytes + writtenBytes, promisedBytes });
      }
      if (view.files === null || files === 0) return;
      if (view.files.free - files - promisedFiles < view.files.reserve) {
        throw tooMany(what, view.files, need);
      }
    },
  };
}

type SystemsDisk = Pick<StatsFs, "bsize" | "blocks" | "bavail" | "files" | "ffree">;

/** `null` where the file system tells of none, as btrfs does. */
function filesOf({ files, ffree }: SystemsDisk): FilesView | null {
  if (files === 0) return null;
  return { free: ffree, reserve: Math.min(MOST_RESERVE_FILES, Math.floor(files / 100)) };
}

/**
 * A hundredth, at most so many: a running job writes some thousand files at most where it does not unpack a data set, and an attempt
 * itself some ten.
 */
const MOST_RESERVE_FILES = 10_000;
