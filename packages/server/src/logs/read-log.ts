// Reads a piece of an attempt's log by byte offset.
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { cutMark, cutOf } from "./log-cut.ts";
import { unfinishedBytes } from "./utf8-tail.ts";

/** Which piece to read. */
export interface LogRange {
  readonly path: string;
  /** First byte, from 0; beyond the end nothing is read. */
  readonly offset: number;
  /** At most so many bytes, 1 to {@link READ_LIMIT_BYTES}; more counts as that. */
  readonly limitBytes: number;
  /** Whether nothing will be added to the log any more: then its last bytes are given as they are. Default false. */
  readonly isComplete?: boolean;
  /** Hides what is not to be shown. Default nothing. */
  readonly mask?: LogMask;
}

/** Hides some of a log, byte by byte in its place. */
export interface LogMask {
  /** How far around a piece has to be read to know what is hidden in it. */
  readonly reachBytes: number;
  /** The bytes with what is to be hidden replaced. */
  hide(bytes: Buffer): Buffer;
  /** How many bytes at the end may turn out to be hidden once more is there. */
  unfinished(bytes: Buffer): number;
}

/** Hides nothing. */
export const NO_MASK: LogMask = { reachBytes: 0, hide: (bytes) => bytes, unfinished: () => 0 };

/** The bytes of a log from an offset on. */
export interface LogPiece {
  readonly offset: number;
  /** Where to read on: `offset` plus the number of bytes, but at a cut, of which `bytes` tells. */
  readonly nextOffset: number;
  readonly bytes: Buffer;
  /** Whether the piece ends at a cut, or tells of it: there is more. */
  readonly endsAtCut: boolean;
}

/** The most that one read gives. */
export const READ_LIMIT_BYTES = 1_048_576;

/**
 * Reads what is there, up to the limit. A character whose last bytes lie beyond the piece is left for the next one, unless the
 * piece would then be empty or the log is complete; so is, while the log is not complete, what the mask may yet hide. A missing
 * log is an empty one. Where the middle of the log was cut out, a piece ends, the next one tells of it, in words and perhaps more
 * of them than the limit allows, and the one after that goes on behind it.
 */
export async function readLog(range: LogRange): Promise<LogPiece> {
  const piece = await readPiece(range);
  const { offset, nextOffset, bytes } = piece;
  const cut = await cutOf(range.path);
  if (cut === null || cut.to <= offset || nextOffset <= cut.from) return piece;
  if (offset >= cut.from) {
    return { offset, nextOffset: cut.to, bytes: cutMark(cut, offset), endsAtCut: true };
  }
  const before = bytes.subarray(0, cut.from - offset);
  return { offset, nextOffset: cut.from, bytes: before, endsAtCut: true };
}

async function readPiece(range: LogRange): Promise<LogPiece> {
  const { path, offset, limitBytes, isComplete = false, mask = NO_MASK } = range;
  const log = await openLog(path);
  if (log === null) {
    return { offset, nextOffset: offset, bytes: Buffer.alloc(0), endsAtCut: false };
  }
  try {
    const { size } = await log.stat();
    const wanted = Math.max(0, Math.min(limitBytes, READ_LIMIT_BYTES, size - offset));
    const found = await readMasked(log, { offset, wanted, isComplete, mask });
    const isEnd = isComplete && offset + found.length >= size;
    const whole = isEnd ? found.length : found.length - unfinishedBytes(found);
    const bytes = whole === 0 ? found : found.subarray(0, whole);
    return { offset, nextOffset: offset + bytes.length, bytes, endsAtCut: false };
  } finally {
    await log.close();
  }
}

/** The bytes as they are shown; fewer than wanted where the mask holds some back. */
async function readMasked(
  log: FileHandle,
  {
    offset,
    wanted,
    isComplete,
    mask,
  }: {
    readonly offset: number;
    readonly wanted: number;
    readonly isComplete: boolean;
    readonly mask: LogMask;
  },
): Promise<Buffer> {
  const before = Math.min(offset, mask.reachBytes);
  const found = await readAt(log, offset - before, before + wanted + mask.reachBytes);
  const heldBack = isComplete ? 0 : mask.unfinished(found);
  const end = Math.max(before, Math.min(before + wanted, found.length - heldBack));
  return mask.hide(found).subarray(before, end);
}

/** Opens a log for reading; `null` when there is none. */
export async function openLog(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** The bytes from an offset on; fewer than asked for only at the end of the file. */
export async function readAt(log: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await log.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
