// Uploads on a small disk: no user can send away the room that is kept for running jobs, and what is left over goes soon.
import { afterEach, beforeEach, expect } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER } from "@fetchml/protocol";
import { until, writeProject, type Box, type Person } from "./box.ts";
import {
  openBoxOnSmallDisk,
  untilDatabaseHasRoom,
  type BoxOnSmallDisk,
} from "./box-on-small-disk.ts";
import { needsMount, type SmallDisk } from "./small-disk.ts";

const MIB = 1024 ** 2;
const RESERVE_BYTES = 16 * MIB;

/** The database writes, too. */
const LEAST_BYTES = RESERVE_BYTES - MIB;

const test = needsMount();

let full: BoxOnSmallDisk;
let box: Box;
let disk: SmallDisk;
let alice: Person;

beforeEach(async () => {
  if (process.getuid?.() !== 0) return;
  full = await openBoxOnSmallDisk(96 * MIB, 'min_free = "16M"\n');
  ({ box, disk, alice } = full);
  await untilDatabaseHasRoom(disk);
});

afterEach(async () => {
  if (process.getuid?.() !== 0) return;
  disk.empty();
  await alice.ml(["cancel", "--all", "--yes", "--now"]);
  await until(
    async () => (await alice.ml(["list", "--json"])).stdout.trim() === "[]",
    "jobs go on after cancel",
  );
  await full.close();
});

const work = () => join(alice.home, "work");

/** Writes files of random bytes into a folder of the project, which is made. */
function writeFiles(folder: string, count: number, bytes: number): void {
  mkdirSync(join(work(), folder), { recursive: true });
  for (let n = 0; n < count; n++)
    writeFileSync(join(work(), folder, `${n}.bin`), randomBytes(bytes));
}

function expectRefused(
  {
    code,
    stdout,
    stderr,
  }: { readonly code: number; readonly stdout: string; readonly stderr: string },
  why: string,
): void {
  expect([code, stdout]).toEqual([5, ""]);
  expect(stderr).toContain(why);
  expect(stderr).toMatch(/free for running jobs/);
  expect(stderr).toContain("fetchml gc");
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
}

/** Below one folder of the snapshots, relative to it. */
const stored = (folder: string): readonly string[] =>
  readdirSync(join(disk.path, "snapshots", folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test("a user who sends more and more is refused before it takes the room of a running job, which goes on", async () => {
  const gate = join(box.folder, "gate");
  const script = `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; head -c 12582912 /dev/urandom > "$ML_OUTPUT_DIR/much" && echo written`;
  expect((await alice.ml(["queue", "writer", "--", "sh", "-c", script])).code).toBe(0);
  await until(
    async () => (await alice.ml(["logs", "writer"])).stdout.includes("begun"),
    "the job does not begin",
  );
  writeProject(work(), { "a.txt": "a" });
  let refused = null;
  for (let round = 0; round < 12 && refused === null; round++) {
    // Large files, then small ones, each time others, and never started.
    writeFiles("data", round % 2 === 0 ? 1 : 30, round % 2 === 0 ? 9 * MIB : 300_000);
    const sent = await alice.ml(["queue", `more-${round}`, "--hold", "--", "true"]);
    expect(disk.freeBytes()).toBeGreaterThan(LEAST_BYTES);
    if (sent.code !== 0) refused = sent;
  }
  if (refused === null) throw new Error("nothing was refused");
  expectRefused(refused, "Cannot take the ");
  expect(stored("begun")).toEqual([]);
  writeFileSync(gate, "");
  expect((await alice.ml(["wait", "writer"])).code).toBe(0);
  expect((await alice.ml(["logs", "writer"])).stdout).toEndWith("written\n");
}, 120_000);

test("two uploads at once that have room alone, but not together, leave the reserve alone", async () => {
  const bob = await box.addPerson("bob");
  const spare = disk.freeBytes() - RESERVE_BYTES;
  const size = Math.floor(spare * 0.7);
  let least = Infinity;
  const looking = setInterval(() => (least = Math.min(least, disk.freeBytes())), 1);
  const sending = [alice, bob].map(async (person) => {
    const folder = writeProject(join(person.home, "work"), { "a.txt": person.name });
    writeFileSync(join(folder, "large.bin"), randomBytes(size));
    return person.ml(["queue", "large", "--hold", "--", "true"]);
  });
  const ends = await Promise.all(sending);
  clearInterval(looking);
  const refused = ends.filter(({ code }) => code !== 0);
  expect(refused.length).toBeGreaterThan(0);
  for (const end of refused) expectRefused(end, "Cannot take the");
  expect(disk.freeBytes()).toBeGreaterThan(LEAST_BYTES);
  // What is in memory when it is looked comes on top for a moment.
  expect(least).toBeGreaterThan(RESERVE_BYTES - 2 * 6 * MIB);
}, 120_000);

test("what a refused submit has left is collected after minutes while room is short, and sent again later", async () => {
  writeProject(work(), { "a.txt": "a" });
  writeFiles("data", 3, 4 * MIB);
  const upload = alice.ml(["queue", "held", "--hold", "--", "cat", "a.txt"]);
  expect((await upload).code).toBe(0);
  // As if no job named it: its submit was refused.
  const key = { authorization: `Bearer ${alice.apiKey}` };
  const content = randomBytes(5 * MIB);
  const hash = new Bun.CryptoHasher("sha256").update(content).digest("hex");
  const sizes = { [UPLOAD_LENGTH_HEADER]: `${content.length}`, [UPLOAD_OFFSET_HEADER]: "0" };
  const headers = { ...key, ...sizes };
  const put = await fetch(`${box.httpUrl}/blobs/${hash}`, {
    method: "PUT",
    headers,
    body: content,
  });
  expect(put.status).toBe(200);
  const place = join(disk.path, "snapshots/blobs", hash.slice(0, 2), hash.slice(2));
  expect(existsSync(place)).toBe(true);
  // Another server, which relies on nothing, eleven minutes later.
  const then = new Date(Date.now() - 11 * 60_000);
  utimesSync(place, then, then);
  await box.stop();
  await box.start();
  const early = await box.admin(["gc", "--dry-run"]);
  expect(early.code).toBe(0);
  expect(early.stderr).toMatch(
    /^Kept for now, as sent less than (?:1d|2h) ago or relied on by an upload: files of no snapshot: 1, 5 MiB\.$/m,
  );
  expect(JSON.parse((await box.admin(["gc", "--json"])).stdout).kept_for_now).toMatchObject({
    what: [{ kind: "blobs", count: 1, bytes: content.length }],
  });
  expect(existsSync(place)).toBe(true);
  disk.fill(RESERVE_BYTES - MIB);
  expect((await box.admin(["gc"])).stdout).toContain("files of no snapshot");
  expect(existsSync(place)).toBe(false);
  disk.empty();
  const again = await fetch(`${box.httpUrl}/blobs/${hash}`, {
    method: "PUT",
    headers,
    body: content,
  });
  expect(again.status).toBe(200);
  expect((await alice.ml(["release", "held"])).code).toBe(0);
  expect((await alice.ml(["wait", "held"])).code).toBe(0);
}, 120_000);
