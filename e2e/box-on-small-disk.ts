// A box whose data folder is a small disk of its own, for tests of what a full disk does to it.
import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
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

/** Resolves when so many blobs lie in files of their own: small ones arrive packed, and get their places a moment later. */
export async function untilStored({ path }: SmallDisk, blobs: number): Promise<void> {
  const count = () =>
    readdirSync(join(path, "snapshots/blobs"), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile(),
    ).length;
  await until(() => count() === blobs, "the projects are not stored file by file");
}

/** Makes files on a disk until it takes so many more. {@link removeFiles} gives them back. */
export function leaveFiles({ path }: SmallDisk, free: number): void {
  const folder = join(path, MADE_FILES);
  mkdirSync(folder, { recursive: true });
  for (let n = 0; statfsSync(path).ffree > free; n++) writeFileSync(join(folder, String(n)), "");
}

/** Gives back what {@link leaveFiles} took. */
export function removeFiles({ path }: SmallDisk): void {
  rmSync(join(path, MADE_FILES), { recursive: true, force: true });
}

const MADE_FILES = "made-files";

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
