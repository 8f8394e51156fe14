// Tests of what goes when too much is kept or room is short, and in which order.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { DEFAULT_RETENTION, type RetentionRules } from "../domain/retention-rules.ts";
import type { OtherStore } from "./context.ts";
import { DAY_MS, openRetention, type RetentionUnderTest } from "./retention.fixture.ts";

const FOREVER = {
  work: null,
  checkpoints: null,
  outputs: null,
  log: null,
  code: null,
  setups: null,
};
const MIB = 1024 ** 2;

let box: RetentionUnderTest;
let alice: KeyHolder;

/** Keeps everything for ever, but no more than so much. */
async function open(bytes: number): Promise<void> {
  const rules: RetentionRules = { keepMs: FOREVER, keepSize: { bytes } };
  box = await openRetention({ rules });
  alice = await box.addUser("alice");
  // Less is free than the limit leaves: otherwise nothing needs to be measured.
  box.room.look = () => ({ size_bytes: 1e12, free_bytes: 0, reserve_bytes: 0, files: null });
}

/** A job with so many bytes in each of its four parts. */
async function jobOf(bytes: number): Promise<number> {
  const id = await box.submit(alice);
  await box.startAll(bytes);
  await box.end(id);
  box.advance(1000);
  return id;
}

afterEach(() => box[Symbol.asyncDispose]());

describe("more than may be kept", () => {
  beforeEach(() => open(9.5 * MIB));

  test("goes part by part, the oldest first, and no more than is needed", async () => {
    const old = await jobOf(MIB);
    const middle = await jobOf(MIB);
    const young = await jobOf(MIB);
    box.advance(2 * DAY_MS);
    await box.collect();
    expect(box.partsOf(old)).toEqual(["checkpoints", "outputs", "log"]);
    expect(box.partsOf(middle)).toEqual(["checkpoints", "outputs", "log"]);
    expect(box.partsOf(young)).toEqual(["checkpoints", "outputs", "log"]);
    await jobOf(MIB);
    box.advance(2 * DAY_MS);
    await box.collect();
    expect(box.partsOf(old)).toEqual(["outputs", "log"]);
    expect(box.partsOf(middle)).toEqual(["outputs", "log"]);
    expect(box.partsOf(young)).toEqual(["outputs", "log"]);
  });

  test("is taken from neither pinned nor unfinished jobs, nor results from those of the last day", async () => {
    const pinned = await jobOf(4 * MIB);
    await box.pin(alice, pinned);
    box.advance(2 * DAY_MS);
    const unfinished = await box.submit(alice);
    await box.startAll(4 * MIB);
    const fresh = await jobOf(4 * MIB);
    const { problems } = await box.collect();
    expect(box.partsOf(pinned)).toHaveLength(4);
    expect(box.partsOf(unfinished)).toHaveLength(4);
    expect(box.partsOf(fresh)).toEqual(["checkpoints", "outputs", "log"]);
    expect(problems.join()).toContain("more than its limit of 9.5 MiB");
    expect(problems.join()).toContain("or to uploads that no job names yet");
  });

  test("is foretold by a dry run to the byte, which changes nothing", async () => {
    for (let job = 0; job < 4; job++) await jobOf(MIB);
    box.advance(2 * DAY_MS);
    const looked = await box.collect({ dryRun: true });
    expect(box.partsOf(1)).toHaveLength(4);
    const done = await box.collect();
    expect(done.removed).toEqual(looked.removed);
    expect(done.removed.map(({ kind }) => kind)).toEqual(["work", "checkpoints"]);
  });

  test("takes code and logs last", async () => {
    const snapshot = await box.send(alice, { a: "x".repeat(MIB), b: "y".repeat(9 * MIB) });
    const id = await box.submit(alice, snapshot);
    await box.startAll(MIB);
    await box.end(id);
    box.advance(2 * DAY_MS);
    await box.collect({ restarted: true });
    expect(box.partsOf(id)).toEqual(["log"]);
    expect(box.options.db.get("SELECT removed_at IS NULL AS kept FROM snapshots")).toEqual({
      kept: 0,
    });
  });
});

describe("kept setups", () => {
  test("go after working folders, those of the last day excepted, and are not counted twice", async () => {
    const asked: Parameters<OtherStore["collect"]>[0][] = [];
    const setups: OtherStore = {
      path: "/nowhere",
      collect: async (how) => {
        asked.push(how);
        return { count: 1, bytes: 1 };
      },
    };
    const rules = { keepMs: { ...FOREVER, setups: 30 * DAY_MS }, keepSize: { bytes: 0 } };
    box = await openRetention({ rules, setups });
    alice = await box.addUser("alice");
    box.room.look = () => ({ size_bytes: 1e12, free_bytes: 0, reserve_bytes: 0, files: null });
    await box.runJob(alice);
    box.advance(1000);
    const now = box.options.clock.now();
    const { removed } = await box.collect({ dryRun: true });
    expect(removed.find(({ kind }) => kind === "setups")).toEqual({
      kind: "setups",
      count: 2,
      bytes: 2,
    });
    const ages = asked.map(({ usedSince, usedBefore }) => [now - usedSince, now - usedBefore]);
    expect(ages.flat().map((ms) => Math.round(ms / DAY_MS))).toEqual([Infinity, 30, 30, 1]);
    expect(asked.map(({ dryRun, bytes }) => [dryRun, bytes > 1])).toEqual([
      [true, true],
      [true, true],
    ]);
  });
});

describe("less than may be kept", () => {
  test("stays, and is not even measured while the disk is not that full", async () => {
    await open(9.5 * MIB);
    box.room.look = () => ({
      size_bytes: 20 * MIB,
      free_bytes: 12 * MIB,
      reserve_bytes: 0,
      files: null,
    });
    const id = await jobOf(4 * MIB);
    box.advance(2 * DAY_MS);
    await box.collect();
    expect(box.partsOf(id)).toHaveLength(4);
    expect(box.options.db.get("SELECT work_bytes FROM job_files")).toEqual({ work_bytes: null });
  });
});

describe("while room is short", () => {
  test("working folders of ended jobs go at once, and nothing else", async () => {
    box = await openRetention({ rules: DEFAULT_RETENTION });
    alice = await box.addUser("alice");
    const ended = await box.runJob(alice);
    const pinned = await box.runJob(alice);
    await box.pin(alice, pinned);
    const running = await box.submit(alice);
    await box.startAll();
    await box.collect();
    expect(box.partsOf(ended)).toHaveLength(4);
    box.room.setFree(50);
    box.advance(1);
    await box.collect();
    expect(box.partsOf(ended)).toEqual(["checkpoints", "outputs", "log"]);
    expect(box.partsOf(pinned)).toHaveLength(4);
    expect(box.partsOf(running)).toHaveLength(4);
  });
});
