// Tests of what is removed when its time is over, and of what stays.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { KeyHolder } from "../domain/principal.ts";
import { DEFAULT_RETENTION } from "../domain/retention-rules.ts";
import { removedFilesOf } from "../queue/removed-files.ts";
import { DAY_MS, openRetention, type RetentionUnderTest } from "./retention.fixture.ts";

let box: RetentionUnderTest;
let alice: KeyHolder;

beforeEach(async () => {
  box = await openRetention();
  alice = await box.addUser("alice");
});

afterEach(() => box[Symbol.asyncDispose]());

const removedOf = (id: number) => removedFilesOf(box.options.db, { id, snapshot: null });

describe("what an ended job has left", () => {
  test("goes part by part, each when its time is over, and is marked with the day", async () => {
    const id = await box.runJob(alice);
    await box.collect();
    expect(box.partsOf(id)).toEqual(["work", "checkpoints", "outputs", "log"]);
    expect(removedOf(id)).toBeNull();

    box.advance(DAY_MS + 1000);
    const firstDay = box.options.clock.now();
    await box.collect();
    expect(box.partsOf(id)).toEqual(["checkpoints", "outputs", "log"]);
    expect(removedOf(id)?.work).toBeWithin(firstDay, firstDay + 60_000);

    box.advance(6 * DAY_MS);
    await box.collect();
    expect(box.partsOf(id)).toEqual(["outputs", "log"]);

    box.advance(82 * DAY_MS);
    await box.collect();
    expect(box.partsOf(id)).toEqual(["outputs", "log"]);

    box.advance(DAY_MS);
    await box.collect();
    expect(box.partsOf(id)).toEqual([]);
    expect(existsSync(join(box.dataDir, "attempts", `${id}.1`))).toBe(false);
    expect(removedOf(id)).toMatchObject({
      checkpoints: expect.any(Number),
      outputs: expect.any(Number),
      log: expect.any(Number),
      code: null,
    });
  });

  test("stays while the job is pinned, and goes after it was unpinned", async () => {
    const id = await box.runJob(alice);
    await box.pin(alice, id);
    box.advance(1000 * DAY_MS);
    await box.collect();
    expect(box.partsOf(id)).toEqual(["work", "checkpoints", "outputs", "log"]);
    await box.pin(alice, id, false);
    await box.collect();
    expect(box.partsOf(id)).toEqual([]);
  });

  test("stays for ever where the rules say so", async () => {
    const { keepMs } = DEFAULT_RETENTION;
    const rules = { ...DEFAULT_RETENTION, keepMs: { ...keepMs, outputs: null } };
    await using other = await openRetention({ rules });
    const id = await other.runJob(await other.addUser("bob"));
    other.advance(10_000 * DAY_MS);
    await other.collect();
    expect(other.partsOf(id)).toEqual(["outputs"]);
  });

  test("goes of all attempts", async () => {
    const id = await box.submit(alice);
    await box.startAll();
    box.options.db.transact(() => {
      box.options.db.run("UPDATE jobs SET state = 'queued' WHERE id = $id", { id });
    });
    await box.startAll();
    await box.end(id);
    expect(readdirSync(join(box.dataDir, "attempts"))).toEqual([`${id}.1`, `${id}.2`]);
    box.advance(100 * DAY_MS);
    await box.collect();
    expect(readdirSync(join(box.dataDir, "attempts"))).toEqual([".trash"]);
  });
});

describe("an unfinished job", () => {
  test("keeps everything, however long it runs or waits for its next attempt", async () => {
    const running = await box.submit(alice);
    await box.startAll();
    const waiting = await box.submit(alice);
    await box.startAll();
    box.options.db.transact(() => {
      box.options.db.run("UPDATE jobs SET state = 'queued' WHERE id = $waiting", { waiting });
    });
    box.advance(1000 * DAY_MS);
    await box.collect();
    expect(box.partsOf(running)).toEqual(["work", "checkpoints", "outputs", "log"]);
    expect(box.partsOf(waiting)).toEqual(["work", "checkpoints", "outputs", "log"]);
  });
});

describe("a collection", () => {
  test("done twice removes nothing the second time", async () => {
    await box.runJob(alice);
    box.advance(100 * DAY_MS);
    const first = await box.collect();
    expect(first.removed.map(({ kind, count }) => [kind, count])).toEqual([
      ["work", 1],
      ["checkpoints", 1],
      ["outputs", 1],
      ["log", 1],
    ]);
    expect((await box.collect()).removed).toEqual([]);
    expect(first.problems).toEqual([]);
  });

  test("that only looks says the same and touches nothing", async () => {
    const id = await box.runJob(alice);
    box.advance(100 * DAY_MS);
    const looked = await box.collect({ dryRun: true });
    expect(box.partsOf(id)).toEqual(["work", "checkpoints", "outputs", "log"]);
    expect(removedOf(id)).toBeNull();
    const done = await box.collect();
    const counts = ({ removed }: typeof done) => removed.map(({ kind, count }) => [kind, count]);
    expect(counts(looked)).toEqual(counts(done));
    for (const { bytes } of [...looked.removed, ...done.removed]) expect(bytes).toBeGreaterThan(0);
  });

  test("takes hundreds of jobs in one go", async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, () => box.submit(alice)));
    await box.startAll();
    await Promise.all(ids.map((id) => box.end(id)));
    box.advance(100 * DAY_MS);
    const { removed } = await box.collect();
    expect(removed.map(({ count }) => count)).toEqual([120, 120, 120, 120]);
    expect(readdirSync(join(box.dataDir, "attempts"))).toEqual([".trash"]);
  }, 60_000);
});
