// Where the torture happens: a box with two people, whose data folder is a small disk where this account may mount one.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Box, endJobs, until, type Person } from "../box.ts";
import { mountSmallDisk, type SmallDisk } from "../small-disk.ts";

/** A box, who works with it, and the disk it lives on. */
export interface Arena {
  readonly box: Box;
  readonly people: readonly Person[];
  /** `null` where nothing can be mounted: then it never fills. */
  readonly disk: SmallDisk | null;
  /** Folder of the jobs' marks, which never fills. */
  readonly marks: string;
  /** Ends all jobs and the server, and removes everything. */
  close(): Promise<void>;
}

const MIB = 1024 ** 2;
const DISK_BYTES = 96 * MIB;

/** Whether the disk of an arena can fill here: to mount one takes root. */
export const CAN_FILL = process.getuid?.() === 0 && Bun.which("mount") !== null;

/** Opens one, with the server at work. */
export async function openArena(): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-torture-"));
  const disk = CAN_FILL ? mountSmallDisk(join(folder, "data"), DISK_BYTES) : null;
  writeFileSync(join(folder, "config.toml"), 'min_free = "8M"\n');
  const box = new Box(folder, { hasConfig: true, sandbox: "none" });
  const people: Person[] = [];
  const close = async (): Promise<void> => {
    disk?.empty();
    // The server may be what failed.
    await endAll(people).catch(async () => {
      await box.stop("SIGKILL");
      await box.start();
      await endAll(people);
    });
    people.length = 0;
    await box.stop();
    await disk?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await box.start();
    for (const name of ["alice", "bob"]) people.push(await box.addPerson(name));
    // The database has made itself room for when the disk is full.
    if (disk !== null) await until(() => hasSpareRoom(box), "the database makes no room");
  } catch (error) {
    await close();
    throw error;
  }
  return { box, people, disk, marks: join(folder, "marks"), close };
}

async function endAll(people: readonly Person[]): Promise<void> {
  for (const person of people) await endJobs(person);
}

function hasSpareRoom(box: Box): boolean {
  const wal = Bun.file(join(box.dataDir, "fetchml.db-wal"));
  return wal.size > 5 * MIB;
}
