// Finds out whether a file system shares the bytes of copies, so that they take no room.
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Tries it in a folder; leaves nothing there. False also where it cannot be tried, as on a full disk. */
export async function makesReflinks(folder: string): Promise<boolean> {
  const from = join(folder, `reflink-${randomUUID()}`);
  const to = `${from}-copy`;
  try {
    await writeFile(from, Buffer.alloc(PROBE_BYTES, 1), { flag: "wx" });
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all([from, to].map((path) => rm(path, { force: true })));
  }
}

/** More than a file system keeps beside the name of a file, where nothing could be shared. */
const PROBE_BYTES = 16 * 1024;
