// What is kept of ended jobs, for how long and how much of it, as the admin has settled it.
import { isShortIn, type DiskView } from "./disk-room.ts";

/** What lies on the disk for one ended job, in the order in which it is given up when room is short. */
export const JOB_PARTS = ["work", "checkpoints", "outputs", "log"] as const;

/** The word for one part of what lies on the disk for a job. */
export type JobPart = (typeof JOB_PARTS)[number];

/** An amount of disk: a number of bytes, or a part of the whole disk, 0 to 1. */
export type DiskShare = { readonly bytes: number } | { readonly fraction: number };

/** The rules by which things are removed. Pinned and unfinished jobs stay whole under any of them. */
export interface RetentionRules {
  /** How long each thing is kept after the end of its job, setups after their last use, in milliseconds; `null`: for ever. */
  readonly keepMs: Readonly<Record<JobPart | "code" | "setups", number | null>>;
  /** How much of the disk all that may take together; above it the oldest goes first. */
  readonly keepSize: DiskShare;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** However short room is, nothing is removed of a job that ended less than a day ago but its working folder. */
export const FRESH_MS = DAY_MS;

/** How long an upload is kept that no job names yet: a submit may be under way. */
export const UPLOAD_GRACE_MS = DAY_MS;

/**
 * The same by how much room there is. While room is short, ten minutes: an upload is refused then with its next byte, and one
 * that sends none is cut off after two minutes, so none is under way any more. While the largest project would find no room, two
 * hours: for longer few uploads take. Else a day.
 */
export function uploadGraceMs(disk: DiskView, largestUploadBytes: number): number {
  const { free_bytes, reserve_bytes } = disk;
  if (isShortIn(disk)) return SHORT_UPLOAD_GRACE_MS;
  return free_bytes - largestUploadBytes < reserve_bytes ? 2 * HOUR_MS : UPLOAD_GRACE_MS;
}

/** How long an upload is kept at least. */
export const SHORT_UPLOAD_GRACE_MS = 10 * MINUTE_MS;

/** Working folders for a day, checkpoints a week, setups a month, all else 90 days; together at most 80 % of the disk. */
export const DEFAULT_RETENTION: RetentionRules = {
  keepMs: {
    work: DAY_MS,
    checkpoints: 7 * DAY_MS,
    outputs: 90 * DAY_MS,
    log: 90 * DAY_MS,
    code: 90 * DAY_MS,
    setups: 30 * DAY_MS,
  },
  keepSize: { fraction: 0.8 },
};

/** The share in whole bytes of a disk of that size. */
export function bytesOfShare(share: DiskShare, diskBytes: number): number {
  return "bytes" in share ? share.bytes : Math.floor(share.fraction * diskBytes);
}

/** How much is kept free when the admin has settled nothing: a twentieth of the disk, at most 2 GiB. */
export function defaultReserveBytes(diskBytes: number): number {
  return Math.min(2 * 1024 ** 3, Math.floor(diskBytes / 20));
}
