// A disk with room for some projects and not for others: who has none waits and holds nothing, and nobody who runs is disturbed.
import { afterEach, expect } from "bun:test";
import { randomFillSync } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { until, writeProject } from "./box.ts";
import {
  leaveFiles,
  openBoxOnSmallDisk,
  removeFiles,
  untilStored,
  type BoxOnSmallDisk,
} from "./box-on-small-disk.ts";
import { needsMount } from "./small-disk.ts";

const MIB = 1024 ** 2;
const RESERVE_BYTES = 16 * MIB;

const test = needsMount();

let full: BoxOnSmallDisk | null = null;

afterEach(async () => {
  if (full === null) return;
  const { alice } = full;
  full.disk.empty();
  removeFiles(full.disk);
  await alice.ml(["cancel", "--all", "--yes", "--now"]);
  await until(
    async () => (await alice.ml(["list", "--json"])).stdout.trim() === "[]",
    "jobs go on after cancel",
  );
  await full.close();
  full = null;
});

async function open(mostFiles?: number) {
  full = await openBoxOnSmallDisk(256 * MIB, 'cpus = 2\nmin_free = "16M"\n', mostFiles);
  const { alice, box, disk } = full;
  const work = join(alice.home, "work");
  const ml = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await alice.ml([...args]);
    if (code !== 0) throw new Error(`ml ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  return {
    box,
    disk,
    work,
    ml,
    /** Held, so that its files are on the box before room gets short. */
    hold: (name: string, ...command: readonly string[]) =>
      ml("queue", name, "--hold", "--cpus", "2", "--", ...command),
    write: (files: Record<string, string>) => {
      rmSync(work, { recursive: true, force: true });
      for (const path of Object.keys(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true });
      }
      writeProject(work, files);
    },
    isListed: (name: string, state: string) =>
      until(
        async () =>
          (await ml("list"))
            .split("\n")
            .some((line) => line.includes(name) && line.includes(state)),
        `${name} is not ${state}`,
      ),
  };
}

const numbered = (count: number, path: (n: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [path(n), `${n}\n`]));

test("a job of more files than there is room for waits for the disk and holds no CPU, a smaller one runs, and it starts when there is room", async () => {
  const { disk, ml, hold, write, isListed, box } = await open(1500);
  write(numbered(300, (n) => `some/${n}.txt`));
  await hold("big", "sh", "-c", "ls some | wc -l");
  write({ "a.txt": "a" });
  await ml("queue", "small", "--hold", "--", "cat", "a.txt");
  await untilStored(disk, 301);
  leaveFiles(disk, 150);
  await ml("release", "big");
  await ml("release", "small");
  await ml("wait", "small");
  await isListed("big", "queued (disk)");
  expect(await ml("why", "big")).toMatch(
    /The disk has no room for its project: it has 300 files, and the disk can take [0-9]+ more/,
  );
  expect(await ml("status")).toContain("queued (disk)");
  expect(box.log).not.toContain("attempt-unknown");
  removeFiles(disk);
  await ml("wait", "big");
  expect(await ml("logs", "big")).toContain("300");
}, 120_000);

test("a job of more folders than there is room for is given back, holds no CPU, says why, and starts later", async () => {
  const { disk, ml, hold, write, isListed } = await open(1500);
  write(numbered(90, (n) => `some/${n}/a.txt`));
  await hold("deep", "sh", "-c", "ls some | wc -l");
  write({ "a.txt": "a" });
  await ml("queue", "small", "--hold", "--cpus", "2", "--", "cat", "a.txt");
  await untilStored(disk, 91);
  leaveFiles(disk, 150);
  await ml("release", "deep");
  await isListed("deep", "queued (disk)");
  expect(await ml("why", "deep")).toMatch(/its 181 files and folders are too many[^]*tried again/);
  await ml("release", "small");
  await ml("wait", "small");
  removeFiles(disk);
  await ml("wait", "deep");
  expect(await ml("logs", "deep")).toContain("90");
}, 120_000);

test("a job of more bytes than there is room for waits, and a running job's writes go on", async () => {
  const { disk, ml, work, write, isListed } = await open();
  write({ "a.txt": "a" });
  const large = join(work, "large");
  mkdirSync(large);
  for (const n of [1, 2, 3]) {
    writeFileSync(join(large, `${n}.bin`), randomFillSync(Buffer.alloc(30 * MIB)));
  }
  await ml("queue", "big", "--hold", "--", "sh", "-c", "cat large/* | wc -c");
  rmSync(large, { recursive: true });
  const writes =
    'while :; do head -c 1000000 /dev/zero > "$ML_OUTPUT_DIR/x" || exit 9; sleep 0.02; done';
  await ml("queue", "writer", "--", "sh", "-c", writes);
  await isListed("writer", "running");
  disk.fill(40 * MIB);
  await ml("release", "big");
  let least = Infinity;
  const until12s = Date.now() + 12_000;
  await until(() => {
    least = Math.min(least, disk.freeBytes());
    return Date.now() > until12s;
  }, "time does not pass");
  expect(least).toBeGreaterThan(RESERVE_BYTES);
  await isListed("big", "queued (disk)");
  expect(await ml("why", "big")).toMatch(/it takes 90(\.\d)? MiB, and [0-9.]+ MiB are free/);
  await isListed("writer", "running");
  disk.empty();
  await ml("wait", "big");
  expect(await ml("logs", "big")).toContain(String(90 * MIB));
  await isListed("writer", "running");
}, 120_000);
