// Room inside the database's own files, so that it can still write a good deal when the disk is full.
import { statSync } from "node:fs";
import type { Database } from "./database.ts";

/** Of the database and of its log of writes each; more than SQLite writes between two checkpoints, which is 4 MB. */
const SPARE_BYTES = 5 * 1024 ** 2;

/**
 * Makes sure that the database's files have room to spare: pages that are free, and a log of writes that is longer than what
 * stands in it. With the disk full a job can then still be cancelled and a key revoked. Where it lacks, 5 MB are written and given back
 * within the file: 20 ms. On file systems that write every change to a new place it does not help.
 *
 * @throws the system's error when there is no room to make room
 */
export async function keepSpareRoom(db: Database): Promise<void> {
  if (hasSpareRoom(db)) return;
  await db.write(() =>
    db.run("INSERT INTO spare_room (bytes) VALUES (zeroblob($bytes))", { bytes: SPARE_BYTES }),
  );
  try {
    // What is deleted before it was moved into the database's file never gets there.
    db.runScript("PRAGMA wal_checkpoint(PASSIVE)");
  } finally {
    await db.write(() => db.run("DELETE FROM spare_room"));
  }
}

function hasSpareRoom(db: Database): boolean {
  const { pages = 0, free = 0, page_size: pageSize = 0 } = db.get<Pages>(PAGES) ?? {};
  const path = db.get<{ file: string }>("SELECT file FROM pragma_database_list")?.file ?? "";
  return (
    free * pageSize >= SPARE_BYTES / 2 &&
    sizeOf(path) >= pages * pageSize &&
    sizeOf(`${path}-wal`) >= SPARE_BYTES
  );
}

interface Pages {
  readonly pages: number;
  readonly free: number;
  readonly page_size: number;
}

const PAGES = `SELECT page_count AS pages, freelist_count AS free, page_size AS page_size
  FROM pragma_page_count, pragma_freelist_count, pragma_page_size`;

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
