// Backups to and restores onto a disk that is full: nothing half, in words, and the server works on.
import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FETCHML, openBox, until, type Box, type Person } from "./box.ts";
import { fetchmlOn } from "./restored-box.ts";
import { mountSmallDisk, needsMount, type SmallDisk } from "./small-disk.ts";

const test = needsMount();
let box: Box;
let alice: Person;
let disk: SmallDisk;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  box = await openBox();
  alice = await box.addPerson("alice");
  disk = mountSmallDisk(join(box.folder, "small"), 4 * 1024 ** 2);
});

afterAll(async () => {
  if (process.getuid?.() !== 0) return;
  await disk.close();
  await box.close();
});

test("a backup onto a full disk says so and keeps the older one", async () => {
  const file = join(disk.path, "fetchml.backup.tar");
  writeFileSync(file, "old");
  for (const free of [0, 40_000, 200_000]) {
    disk.fill(free);
    const full = await box.admin(["backup", file, "--force"]);
    disk.empty();
    expect([full.code, full.stderr]).toEqual([5, expect.stringContaining("is full")]);
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(disk.path)).toEqual(["fetchml.backup.tar"]);
  }
  expect((await box.admin(["backup", file, "--force"])).code).toBe(0);
  expect((await alice.ml(["status"])).code).toBe(0);
  rmSync(file);
});

test("a restore onto a disk without room says so and leaves the folder as empty as it was", async () => {
  const file = join(box.folder, "fetchml.backup.tar");
  expect((await box.admin(["backup", file])).code).toBe(0);
  const { size } = statSync(file);
  const dataDir = join(disk.path, "data");
  // The last of them has room for the file, and none for what SQLite needs to look at it.
  for (const free of [20_000, size - 8192, size + 8192]) {
    disk.fill(free);
    const full = await fetchmlOn(dataDir, ["restore", file]);
    disk.empty();
    expect([full.code, full.stderr]).toEqual([5, expect.stringContaining("Nothing was restored")]);
    expect(readdirSync(disk.path)).toEqual([]);
  }
  expect((await fetchmlOn(dataDir, ["restore", file])).code).toBe(0);
});

test("a backup of a data folder whose disk is full goes to another disk, or says which disk has no room", async () => {
  const full = mountSmallDisk(join(box.folder, "full"), 24 * 1024 ** 2);
  const dataDir = join(full.path, "data");
  const file = join(box.folder, "of-a-full-disk.backup.tar");
  let server = await serveOn(dataDir);
  server.kill();
  await server.exited;
  for (const name of ["fetchml.db-wal", "fetchml.db-shm"])
    rmSync(join(dataDir, name), { force: true });
  // Without a server SQLite has to make what it needs beside the database.
  full.fill();
  const refused = await fetchmlOn(dataDir, ["backup", file]);
  expect([refused.code, refused.stderr]).toEqual([
    5,
    expect.stringContaining(`the disk of ${dataDir} is full`),
  ]);
  full.empty();
  server = await serveOn(dataDir);
  try {
    full.fill();
    const made = await fetchmlOn(dataDir, ["backup", file]);
    expect([made.code, made.stderr]).toEqual([0, expect.stringContaining("could not note it")]);
    full.empty();
    const again = await fetchmlOn(dataDir, ["backup", file, "--force"]);
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining("note it")]);
  } finally {
    server.kill();
    await server.exited;
    await full.close();
  }
});

/** A server of its own on a data folder, which it makes. */
async function serveOn(dataDir: string): Promise<Bun.Subprocess> {
  const at = ["--data-dir", dataDir, "--listen", "127.0.0.1:0", "--sandbox", "none"];
  const server = Bun.spawn([FETCHML, "serve", ...at], {
    env: { PATH: "/usr/bin:/bin", HOME: box.folder },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until(() => existsSync(join(dataDir, "fetchml.sock")), "the server does not start");
  return server;
}
