// A dry run against the collection after it, on a disk that has as much room as its files leave.
import { afterEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { DEFAULT_RETENTION, type RetentionRules } from "../domain/retention-rules.ts";
import { DAY_MS, openRetention, type RetentionUnderTest } from "./retention.fixture.ts";

const MIB = 1024 ** 2;
const DISK = 1000 * MIB;

let box: RetentionUnderTest;
let alice: KeyHolder;

afterEach(() => box[Symbol.asyncDispose]());

async function open(rules: Partial<RetentionRules>): Promise<void> {
  box = await openRetention({ rules: { ...DEFAULT_RETENTION, ...rules } });
  alice = await box.addUser("alice");
}

/** Takes so much of the disk, and keeps so much free. */
function setDisk(othersBytes: number, reserveBytes: number): void {
  const taken = () => {
    const { stdout } = Bun.spawnSync(["du", "-s", "-k", box.dataDir]);
    return Number.parseInt(stdout.toString(), 10) * 1024;
  };
  const before = taken();
  box.room.look = () => ({
    size_bytes: DISK,
    free_bytes: DISK - othersBytes - (taken() - before),
    reserve_bytes: reserveBytes,
    files: null,
  });
  box.room.isShort = () => {
    const { free_bytes, reserve_bytes } = box.room.look();
    return free_bytes < reserve_bytes;
  };
}

/** Ended jobs with so many bytes in each of their four parts. */
async function jobs(count: number, bytes: number): Promise<void> {
  for (let job = 0; job < count; job++) {
    const id = await box.submit(alice);
    await box.startAll(bytes);
    await box.end(id);
    box.advance(1000);
  }
}

/** What a dry run foretells, after it was seen to be what a collection does. */
async function foretold(how: { readonly restarted?: boolean } = {}) {
  const looked = await box.collect({ ...how, dryRun: true });
  const done = await box.collect(how);
  // With the last of a job go the attempt's own records, which a dry run does not weigh.
  const weighed = ({ removed }: typeof done) =>
    removed.map((each) => (each.kind === "log" ? { ...each, bytes: 0 } : each));
  expect(weighed(looked)).toEqual(weighed(done));
  expect(looked.kept_for_now).toEqual(done.kept_for_now);
  return done.removed.map(({ kind, count }) => `${kind} ${count}`);
}

describe("a dry run says what the collection does", () => {
  test("where room is short and too much is kept", async () => {
    await open({ keepSize: { bytes: MIB } });
    await jobs(2, 5 * MIB);
    setDisk(DISK - MIB, 500 * MIB);
    expect(await foretold()).toEqual(["work 2"]);
  });

  test("where room is short, and enough is there again before all working folders are gone", async () => {
    await open({});
    await jobs(60, MIB);
    setDisk(DISK - 10 * MIB, 30 * MIB);
    expect(await foretold()).toEqual(["work 50"]);
  }, 60_000);

  test("where what is past its time makes enough room", async () => {
    await open({});
    await jobs(2, 5 * MIB);
    box.advance(2 * DAY_MS);
    await jobs(1, 5 * MIB);
    setDisk(DISK - MIB, 8 * MIB);
    expect(await foretold()).toEqual(["work 2"]);
  });

  test("where code is past its time and too much is kept", async () => {
    await open({ keepSize: { bytes: MIB }, keepMs: { ...DEFAULT_RETENTION.keepMs, code: 0 } });
    const snapshot = await box.send(alice, { a: "x".repeat(4 * MIB) });
    const id = await box.submit(alice, snapshot);
    await box.startAll(MIB);
    await box.end(id);
    box.advance(2 * DAY_MS);
    setDisk(DISK - MIB, 0);
    expect(await foretold({ restarted: true })).toEqual([
      "work 1",
      "checkpoints 1",
      "outputs 1",
      "log 1",
      "code 1",
      "blobs 1",
    ]);
  });

  test("where an upload is relied on", async () => {
    await open({ keepMs: { ...DEFAULT_RETENTION.keepMs, code: 0 } });
    const snapshot = await box.send(alice, { a: "x" });
    await box.runJob(alice, snapshot);
    box.advance(2 * DAY_MS);
    setDisk(0, 0);
    expect(await foretold()).toEqual(["work 1"]);
  });
});
