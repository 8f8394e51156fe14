// A box whose data folder is a small disk of its own, for tests of what a full disk does to it.
import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Box, until, type Person } from "./box.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";

/** The box and its disk. */
export interface BoxOnSmallDisk {
  readonly box: Box;
  readonly disk: SmallDisk;
  readonly alice: Person;
  /** Ends the server, looks at its database, and takes everything away. Jobs must have ended. */
  close(): Promise<void>;
}

/** Resolves when the database has made itself the room in which it works once the disk is full. */
export async function untilDatabaseHasRoom({ path }: SmallDisk): Promise<void> {
  const wal = join(path, "fetchml.db-wal");
  const hasRoom = () => existsSync(wal) && statSync(wal).size > 5 * 1024 ** 2;
  await until(hasRoom, "the database makes no room");
}

/** Starts one with a disk of that size, and of so many files at most, and with that config. */
export async function openBoxOnSmallDisk(
  sizeBytes: number,
  config: string,
  files?: number,
): Promise<BoxOnSmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-full-"));
  const disk = mountSmallDisk(join(folder, "data"), sizeBytes, files);
  writeFileSync(join(folder, "config.toml"), config);
  const box = new Box(folder, { hasConfig: true, sandbox: "none" });
  await box.start();
  const alice = await box.addPerson("alice");
  const expectSoundDatabase = (): void => {
    const db = new Database(join(disk.path, "fetchml.db"), { readonly: true });
    try {
      expect(db.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      expect(db.query("PRAGMA foreign_key_check").all()).toEqual([]);
    } finally {
      db.close();
    }
  };
  return {
    box,
    disk,
    alice,
    close: async () => {
      await box.stop();
      expectSoundDatabase();
      await disk.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
