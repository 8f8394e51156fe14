// A disk that takes no more files, though it has bytes: what is new is refused with the reason, and goes on when there is room.
import { afterEach, beforeEach, expect } from "bun:test";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until, writeProject, type Person } from "./box.ts";
import {
  leaveFiles,
  openBoxOnSmallDisk,
  removeFiles,
  untilStored,
  type BoxOnSmallDisk,
} from "./box-on-small-disk.ts";
import { needsMount, type SmallDisk } from "./small-disk.ts";

const FILES = 1500;
const RESERVE_FILES = 15;

const test = needsMount();

let full: BoxOnSmallDisk;
let disk: SmallDisk;
let alice: Person;

beforeEach(async () => {
  if (process.getuid?.() !== 0) return;
  full = await openBoxOnSmallDisk(256 * 1024 ** 2, 'min_free = "1M"\n', FILES);
  ({ disk, alice } = full);
});

afterEach(async () => {
  if (process.getuid?.() !== 0) return;
  removeFiles(disk);
  await alice.ml(["cancel", "--all", "--yes", "--now"]);
  await until(
    async () => (await alice.ml(["list", "--json"])).stdout.trim() === "[]",
    "jobs go on after cancel",
  );
  await full.close();
});

const work = () => join(alice.home, "work");
const listed = async () => (await alice.ml(["list"])).stdout;
const freeFiles = () => statfsSync(disk.path).ffree;

function writeMany(folder: string, count: number): void {
  mkdirSync(join(work(), folder), { recursive: true });
  for (let n = 0; n < count; n++) {
    writeFileSync(join(work(), folder, `${n}.txt`), `${folder} ${n}\n`);
  }
}

test("a project of more files than the disk takes is refused before it is sent, and a smaller one runs", async () => {
  writeProject(work(), { "a.txt": "a" });
  writeMany("many", 1400);
  const before = freeFiles();
  const refused = await alice.ml(["queue", "many", "--", "true"]);
  expect([refused.code, refused.stdout]).toEqual([5, ""]);
  expect(refused.stderr).toMatch(
    /^Cannot take the project: its 1,[0-9]{3} files and folders are too many\. The box's disk has room for [0-9,]+ more/m,
  );
  expect(refused.stderr).toContain(".mlignore");
  expect(refused.stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
  expect(freeFiles()).toBeGreaterThan(before - 10);
  rmSync(join(work(), "many"), { recursive: true });
  writeMany("few", 100);
  expect((await alice.ml(["queue", "few", "--", "true"])).code).toBe(0);
  expect((await alice.ml(["wait", "few"])).code).toBe(0);
}, 120_000);

test("while the disk takes hardly any file, jobs are refused or wait, say why, and go on later", async () => {
  writeProject(work(), { "a.txt": "a" });
  expect((await alice.ml(["queue", "first", "--hold", "--", "cat", "a.txt"])).code).toBe(0);
  leaveFiles(disk, RESERVE_FILES - 1);
  const refused = await alice.ml(["queue", "second", "--", "true"]);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("the box's disk has no room for so many files");
  expect(refused.stderr).toContain("df -i");
  expect((await alice.ml(["release", "first"])).code).toBe(0);
  const why = await alice.ml(["why", "first"]);
  expect(why.stdout).toContain("The disk has no room for so many files: it can take ");
  removeFiles(disk);
  expect((await alice.ml(["wait", "first"])).code).toBe(0);
}, 120_000);

test("a job of more files than the disk takes is not laid out in part, and starts when there is room", async () => {
  writeProject(work(), { "a.txt": "a" });
  writeMany("some", 300);
  expect(
    (await alice.ml(["queue", "later", "--hold", "--", "sh", "-c", "ls some | wc -l"])).code,
  ).toBe(0);
  await untilStored(disk, 301);
  leaveFiles(disk, 100);
  expect((await alice.ml(["release", "later"])).code).toBe(0);
  await until(async () => (await listed()).includes("queued (disk)"), "it does not wait");
  expect((await alice.ml(["why", "later"])).stdout).toMatch(
    /The disk has no room for its project: it has 301 files, and the disk can take [0-9]+ more/,
  );
  expect(freeFiles()).toBeGreaterThan(80);
  removeFiles(disk);
  expect((await alice.ml(["wait", "later"])).code).toBe(0);
  expect((await alice.ml(["logs", "later"])).stdout).toContain("300");
}, 120_000);

test("a job that cannot start because the disk takes no more files can be cancelled", async () => {
  writeProject(work(), { "a.txt": "a" });
  writeMany("some", 300);
  expect((await alice.ml(["queue", "held", "--hold", "--", "true"])).code).toBe(0);
  leaveFiles(disk, 100);
  expect((await alice.ml(["release", "held"])).code).toBe(0);
  await until(
    async () => (await alice.ml(["why", "held"])).stdout.length > 0,
    "nothing is said of it",
  );
  expect((await alice.ml(["cancel", "held"])).code).toBe(0);
  await until(
    async () => (await alice.ml(["list", "--json"])).stdout.trim() === "[]",
    "it does not end",
  );
}, 120_000);
