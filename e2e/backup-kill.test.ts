// `fetchml backup` and `fetchml restore` killed at random moments leave nothing that looks whole and is not.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FETCHML, openBox, runToEnd, until, writeProject, type Box, type Person } from "./box.ts";
import { emptyBox, fetchmlOn, restoreInto } from "./restored-box.ts";
import { databaseFaults } from "./torture/database-faults.ts";
import { seededRandom } from "./torture/random.ts";

const ROUNDS = 5;
const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
const random = seededRandom(seed);
let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  const files = Array.from({ length: 600 }, (_, at) => [`f${at}.txt`, `file ${at}\n`.repeat(99)]);
  const project = writeProject(join(alice.home, "work/big"), Object.fromEntries(files));
  expect((await alice.ml(["queue", "big", "--hold", "--", "true"], { cwd: project })).code).toBe(0);
});

afterAll(() => box.close());

/** Runs `fetchml` and kills it after a while, if it has not ended by then. */
async function killed(args: readonly string[], afterMs: number): Promise<void> {
  const child = Bun.spawn([FETCHML, ...args], {
    env: { PATH: "/usr/bin:/bin", HOME: box.folder },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  await child.exited;
  clearTimeout(timer);
}

/** How long the command takes when nobody kills it. */
async function timed(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const { code, stderr } = await runToEnd([FETCHML, ...args], {
    env: { PATH: "/usr/bin:/bin", HOME: box.folder },
  });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return performance.now() - began;
}

/** Whether a restore was cut off in the box's data folder; then nothing takes that for a data folder. */
async function expectPart(second: Box): Promise<boolean> {
  if (existsSync(join(second.dataDir, "fetchml.db"))) return false;
  if (!existsSync(join(second.dataDir, ".restoring"))) return false;
  expect(await second.start().catch(String)).toContain("was cut off");
  expect((await second.admin(["key", "list"])).code).toBe(6);
  return true;
}

test(`a restore that is killed leaves no data folder, or a whole one; the next clears up (seed ${seed})`, async () => {
  const file = join(box.folder, "big.backup.tar");
  expect((await box.admin(["backup", file, "--with-blobs", "--with-secrets"])).code).toBe(0);
  const place = (dataDir: string) => ["restore", file, "--data-dir", dataDir];
  const wholeMs = await timed(place(join(box.folder, "timed")));
  let cut = 0;
  // Also until one was cut off, which the first kill may be too early or too late for.
  for (let round = 0; round < ROUNDS || (cut === 0 && round < 50); round += 1) {
    const second = emptyBox();
    try {
      await killed(place(second.dataDir), random.whole(5, Math.ceil(wholeMs)));
      if (await expectPart(second)) cut += 1;
      if (!existsSync(join(second.dataDir, "fetchml.db")))
        expect(await restoreInto(second, file)).toMatchObject({ code: 0 });
      expect(databaseFaults(second.dataDir)).toEqual([]);
      await second.start();
      const env = { ML_API_URL: second.url, ML_API_KEY: alice.apiKey };
      const code = join(second.folder, "code");
      expect((await alice.ml(["code", "big", "-o", code], { env })).code).toBe(0);
      expect(existsSync(join(code, "f599.txt"))).toBe(true);
    } finally {
      await second.stop();
      rmSync(second.folder, { recursive: true, force: true });
    }
  }
  expect(cut).toBeGreaterThan(0);
}, 180_000);

test(`a backup that is killed leaves the older file as it was, or the new one whole (seed ${seed})`, async () => {
  const file = join(box.folder, "old.backup.tar");
  const words = ["backup", file, "--force", "--data-dir", box.dataDir, "--with-blobs"];
  const wholeMs = await timed(words);
  for (let round = 0; round < ROUNDS; round += 1) {
    const isFirst = round % 2 === 0;
    if (isFirst) writeFileSync(file, "old");
    await killed(words, random.whole(5, Math.ceil(wholeMs)));
    if (statSync(file).size === 3) continue;
    const dataDir = join(box.folder, `whole-${round}`);
    expect((await fetchmlOn(dataDir, ["restore", file])).code).toBe(0);
  }
  expect((await alice.ml(["status"])).code).toBe(0);
  expect((await box.admin(["backup", file, "--force"])).code).toBe(0);
}, 120_000);

test("Ctrl-C ends a backup with 130 and leaves nothing of it", async () => {
  const file = join(box.folder, "interrupted.backup.tar");
  const before = readdirSync(box.folder);
  const child = Bun.spawn([FETCHML, "backup", file, "--data-dir", box.dataDir, "--with-blobs"], {
    env: { PATH: "/usr/bin:/bin", HOME: box.folder },
    stderr: "pipe",
  });
  await until(() => readdirSync(box.folder).length > before.length, "it does not begin");
  child.kill("SIGINT");
  expect([await child.exited, await new Response(child.stderr).text()]).toEqual([
    130,
    "No backup was made: interrupted.\n",
  ]);
  expect(readdirSync(box.folder)).toEqual(before);
});
