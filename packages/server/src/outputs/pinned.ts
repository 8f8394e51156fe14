// Takes hold of something by a path that a job may change at any moment, without opening it.
import { closeSync, constants, fstatSync, openSync, readlinkSync, type BigIntStats } from "node:fs";

/** Something that is held, whatever becomes of its name. */
export interface Pinned extends Disposable {
  /** A path that leads to the very thing that is held, for as long as it is; names below it may be added to it. */
  readonly place: string;
  /** Where the kernel says that it lies now, links resolved. */
  readonly realPath: string;
  readonly stats: BigIntStats;
  /** Lets go. Safe twice. */
  [Symbol.dispose](): void;
}

/**
 * Takes hold of what is at a path; `null` when nothing is there. A link at its end is held itself. Nothing is opened: a pipe
 * is not waited for, and a device that a swapped folder leads to is not touched, which for some is an order already.
 *
 * @throws the system's error, such as EMFILE or EACCES
 */
export function pin(path: string): Pinned | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, NOTHING_THERE)) return null;
    throw error;
  }
  let isHeld = true;
  const release = () => {
    if (isHeld) closeSync(descriptor);
    isHeld = false;
  };
  try {
    const place = `/proc/self/fd/${descriptor}`;
    const stats = fstatSync(descriptor, { bigint: true });
    return { place, realPath: readlinkSync(place), stats, [Symbol.dispose]: release };
  } catch (error) {
    release();
    // The way to it has more than 4,095 bytes by now.
    if (hasCode(error, NOTHING_THERE)) return null;
    throw error;
  }
}

/** Whether the system's error has one of these codes. */
export function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof Error && "code" in error && codes.has(String(error.code));
}

// open(2) of Linux; Node and Bun have no name for it. The same number on x64 and arm64.
const O_PATH = 0o10000000;

const NOTHING_THERE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);
