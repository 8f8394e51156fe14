// Which errors say that the box is short of something, which may pass.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDiskFull } from "../../snapshots/disk-error.ts";

/** Processes, memory, open files, room on the disk: what the one start lacks the next may have. The last is our own word. */
const SHORTAGES = new Set([
  "EAGAIN",
  "ENOMEM",
  "EMFILE",
  "ENFILE",
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "disk-full",
]);

/** Whether an error says so, itself or by its cause. */
export function isShortage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && SHORTAGES.has(String(error.code))) || isShortage(error.cause);
}

/**
 * Whether an error says that there was no room for the files of an attempt, so that nothing of it has begun: a supervisor is started
 * only when they are whole.
 */
export function isRoomless(error: unknown, control: string): boolean {
  return isDiskFull(error) && !existsSync(join(dirname(control), "job"));
}
