// How much room the disk has left, and whether that is enough to take something new.
import { statfsSync } from "node:fs";
import { FetchmlError, formatSize } from "@fetchml/protocol";
import type { DiskRoom, DiskView } from "../domain/disk-room.ts";
import { bytesOfShare, defaultReserveBytes, type DiskShare } from "../domain/retention-rules.ts";

/**
 * The disk on which a folder lies.
 * @param reserve what is kept free; `null` for a twentieth of the disk, at most 2 GiB
 */
export function diskRoom(folder: string, reserve: DiskShare | null): DiskRoom {
  const look = (): DiskView => {
    const { bsize, blocks, bavail } = statfsSync(folder);
    const size = blocks * bsize;
    return {
      size_bytes: size,
      free_bytes: bavail * bsize,
      reserve_bytes: reserve === null ? defaultReserveBytes(size) : bytesOfShare(reserve, size),
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
    refuseUnlessRoomFor: (bytes, what) => {
      const view = look();
      if (isShortIn(view)) throw tooFull(what, view);
      if (view.free_bytes - bytes < view.reserve_bytes) throw tooMuch(what, { ...view, bytes });
    },
  };
}

function isShortIn({ free_bytes, reserve_bytes }: DiskView): boolean {
  return free_bytes < reserve_bytes;
}

function tooFull(what: string, { free_bytes, reserve_bytes }: DiskView): FetchmlError {
  return new FetchmlError(
    "disk-full",
    `${what}: the box has ${formatSize(free_bytes)} left, and keeps ${formatSize(reserve_bytes)} free for running jobs.\n` +
      'Ask its admin to make room ("fetchml gc --dry-run" shows what can go), then try again.',
    { details: { free_bytes, reserve_bytes } },
  );
}

function tooMuch(
  what: string,
  { free_bytes, reserve_bytes, bytes }: DiskView & { readonly bytes: number },
): FetchmlError {
  return new FetchmlError(
    "disk-full",
    `${what}: it takes ${formatSize(bytes)}, and the box has ${formatSize(free_bytes)} left, of which it keeps ${formatSize(reserve_bytes)} free for running jobs.\n` +
      'Send less (.mlignore), or ask its admin to make room ("fetchml gc --dry-run" shows what can go), then try again.',
    { details: { free_bytes, reserve_bytes, needed_bytes: bytes } },
  );
}
