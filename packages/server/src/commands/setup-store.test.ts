// Tests of collecting kept setups.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setupStore } from "./setup-store.ts";

let dataDir: string;
const DAY_MS = 24 * 60 * 60 * 1000;
const now = (): number => 2 * DAY_MS;
const { signal } = new AbortController();

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "fml-setups-"));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** A setup of a MiB that was last used at that time. */
function keep(name: string, usedAt: number): string {
  const path = join(dataDir, "setups/alice", name.repeat(32));
  mkdirSync(join(path, "tree"), { recursive: true });
  writeFileSync(join(path, "tree/file"), Buffer.alloc(1024 ** 2));
  writeFileSync(`${path}.lock`, "");
  utimesSync(path, usedAt / 1000, usedAt / 1000);
  return path;
}

const all = { usedSince: -Infinity, bytes: Infinity, signal };

test("setupStore() removes what was not used since a time, and says so first where it only looks", async () => {
  const store = setupStore(dataDir, now);
  const [old, young] = [keep("a", 1000), keep("b", 9000)];
  const looked = await store.collect({ ...all, dryRun: true, usedBefore: 5000 });
  expect(looked.count).toBe(1);
  expect(looked.bytes).toBeGreaterThan(1024 ** 2);
  expect(existsSync(old)).toBe(true);
  expect(await store.collect({ ...all, dryRun: false, usedBefore: 5000 })).toEqual(looked);
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
});

test("setupStore() removes the longest unused of a time first, and no more than is needed", async () => {
  const [old, middle, young] = [keep("c", 1000), keep("a", 2000), keep("b", 3000)];
  const how = { ...all, dryRun: false, usedSince: 1500, usedBefore: Infinity, bytes: 1024 ** 2 };
  expect((await setupStore(dataDir, now).collect(how)).count).toBe(1);
  expect([old, middle, young].map((path) => existsSync(path))).toEqual([true, false, true]);
});

test("setupStore() leaves one alone that is in use, and finds nothing where nothing is", async () => {
  const path = keep("a", 1000);
  const user = Bun.spawn(["flock", "--shared", `${path}.lock`, "sh", "-c", "echo held; cat"], {
    stdin: "pipe",
    stdout: "pipe",
  });
  await user.stdout.getReader().read();
  const how = { ...all, dryRun: false, usedBefore: 5000 };
  expect(await setupStore(dataDir, now).collect(how)).toEqual({ count: 0, bytes: 0 });
  expect(existsSync(path)).toBe(true);
  await user.stdin.end();
  await user.exited;
  expect((await setupStore(dataDir, now).collect(how)).count).toBe(1);
  expect(await setupStore(join(dataDir, "none"), now).collect(how)).toEqual({ count: 0, bytes: 0 });
});

/** What stays when a setup is cut off in the making or in its removal: `a.new` or `a.removed`. */
function leave(name: string, at: number): string {
  const left = join(dataDir, "setups/alice", name.slice(0, 1).repeat(32) + name.slice(1));
  mkdirSync(join(left, "tree/closed"), { recursive: true });
  writeFileSync(join(left, "tree/file"), Buffer.alloc(1024 ** 2));
  chmodSync(join(left, "tree/closed"), 0o500);
  utimesSync(left, at / 1000, at / 1000);
  return left;
}

test("setupStore() removes what was left half made, or half removed a day ago, however long setups are kept", async () => {
  const kept = keep("a", 1000);
  const old = [leave("a.new", 1000), leave("b.removed", 1000), leave("c.new", 1000)];
  const also = [leave("c.removed", 2000), leave("d.new", 2 * DAY_MS)];
  const young = leave("e.removed", 1.5 * DAY_MS);
  const store = setupStore(dataDir, now);
  const how = { ...all, usedBefore: -Infinity };
  const looked = await store.collect({ ...how, dryRun: true });
  expect(looked.count).toBe(5);
  expect(looked.bytes).toBeGreaterThan(5 * 1024 ** 2);
  expect([...old, ...also].every((path) => existsSync(path))).toBe(true);
  const others = await store.collect({ ...how, dryRun: false, usedSince: 0 });
  expect(others).toEqual({ count: 0, bytes: 0 });
  await store.collect({ ...how, dryRun: false });
  expect([...old, ...also].filter((path) => existsSync(path))).toEqual([]);
  expect([kept, young].every((path) => existsSync(path))).toBe(true);
});

test("setupStore() removes the lock with its setup, and a day later that of one which came to nothing", async () => {
  const [old, young] = [keep("a", 1000), keep("b", 9000)];
  const lock = (name: string, madeAt: number) => {
    const path = join(dataDir, "setups/alice", `${name.repeat(32)}.lock`);
    writeFileSync(path, "");
    utimesSync(path, madeAt / 1000, madeAt / 1000);
    return path;
  };
  const [failed, held, making] = [lock("c", 1000), lock("d", 1000), lock("e", 1.5 * DAY_MS)];
  const holder = Bun.spawn(["flock", "--exclusive", held, "sh", "-c", "echo held; cat"], {
    stdin: "pipe",
    stdout: "pipe",
  });
  await holder.stdout.getReader().read();
  const store = setupStore(dataDir, now);
  const how = { ...all, usedBefore: 5000 };
  const there = () =>
    [`${old}.lock`, `${young}.lock`, failed, held, making].map((path) => existsSync(path));
  await store.collect({ ...how, dryRun: true });
  expect(there()).toEqual([true, true, true, true, true]);
  expect((await store.collect({ ...how, dryRun: false })).count).toBe(1);
  expect(there()).toEqual([false, true, false, true, true]);
  await holder.stdin.end();
  await holder.exited;
});

test("setupStore() leaves alone what is half made while its maker lives", async () => {
  const path = leave("a.new", 2 * DAY_MS);
  const maker = Bun.spawn(
    ["flock", "--exclusive", path.replace(/new$/, "lock"), "sh", "-c", "echo held; cat"],
    { stdin: "pipe", stdout: "pipe" },
  );
  await maker.stdout.getReader().read();
  const how = { ...all, dryRun: false, usedBefore: -Infinity };
  expect(await setupStore(dataDir, now).collect(how)).toEqual({ count: 0, bytes: 0 });
  expect(existsSync(path)).toBe(true);
  await maker.stdin.end();
  await maker.exited;
  expect((await setupStore(dataDir, now).collect(how)).count).toBe(1);
  expect(existsSync(path)).toBe(false);
});
