// Tests of folders that are older than the jobs that would find them: no job gets the number of one, none adopts one.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { AttemptKey } from "../domain/attempt-key.ts";
import { createLog, silentLog } from "../telemetry/log.ts";
import { partFromStrays } from "./part-from-strays.ts";
import { DAY_MS, openRetention, type RetentionUnderTest } from "./retention.fixture.ts";

const makeIn = (box: RetentionUnderTest, place: string, names: readonly string[]): void => {
  for (const name of names) mkdirSync(join(box.dataDir, place, name), { recursive: true });
};

const namesIn = (box: RetentionUnderTest, place: string): readonly string[] =>
  readdirSync(join(box.dataDir, place)).toSorted();

const part = (box: RetentionUnderTest, alive: readonly AttemptKey[] = []) =>
  partFromStrays({
    dataDir: box.dataDir,
    db: box.queue.db,
    log: silentLog,
    now: Date.now(),
    alive: () => Promise.resolve(alive),
  });

test.each([
  ["attempts", ["7.1", "12.3", "99", "notes", "2000.x", "013.1"], 13],
  ["checkpoints", ["7", "40", "41.1", "042"], 41],
  // More digits than a job's number has.
  ["attempts", ["3.1", "9999999999999999.1", `9${"0".repeat(40)}.1`], 4],
] as const)(
  "partFromStrays() gives the next job a number above those in %s %j",
  async (...given) => {
    await using box = await openRetention();
    const [place, names, next] = given;
    makeIn(box, place, names);
    await part(box);
    const alice = await box.addUser("alice");
    expect(await box.submit(alice)).toBe(next);
    expect(await box.submit(alice)).toBe(next + 1);
    expect(namesIn(box, place)).toEqual([...names].toSorted());
  },
);

test("partFromStrays() leaves the numbers as they are where the jobs know of every folder, or there is none", async () => {
  await using box = await openRetention();
  await part(box);
  const alice = await box.addUser("alice");
  for (const id of [1, 2, 3]) expect(await box.submit(alice)).toBe(id);
  await box.startAll();
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = createLog({ level: () => "debug", clock: box.queue.clock, write });
  const { dataDir, queue } = box;
  const alive = () => Promise.reject(new Error("nobody needs to know"));
  await partFromStrays({ dataDir, db: queue.db, log, now: 0, alive });
  expect(namesIn(box, "attempts")).toEqual(["1.1", "2.1", "3.1"]);
  expect(lines).toEqual([]);
  expect(await box.submit(alice)).toBe(4);
});

test("partFromStrays() sets aside what a known job has still before it, and nothing that it has begun", async () => {
  await using box = await openRetention();
  const alice = await box.addUser("alice");
  const begun = await box.submit(alice);
  await box.startAll();
  const queued = await box.submit(alice);
  makeIn(box, "attempts", [`${begun}.2`, `${queued}.1`, `${queued}.7`]);
  makeIn(box, "checkpoints", [`${queued}`]);
  await part(box);
  expect(namesIn(box, "attempts")).toEqual([
    `${begun}.1`,
    expect.stringMatching(/^stray-1\.2-[0-9a-f]{8}$/),
    expect.stringMatching(/^stray-2\.1-[0-9a-f]{8}$/),
    expect.stringMatching(/^stray-2\.7-[0-9a-f]{8}$/),
  ]);
  expect(namesIn(box, "checkpoints")).toEqual([
    `${begun}`,
    expect.stringMatching(/^stray-2-[0-9a-f]{8}$/),
  ]);
  await part(box);
  expect(namesIn(box, "attempts")).toHaveLength(4);
});

test("what was set aside is there for a day, however old it was, and then removed", async () => {
  await using box = await openRetention();
  const queued = await box.submit(await box.addUser("alice"));
  makeIn(box, "attempts", [`${queued}.1`, `${queued}.2/job/work`]);
  makeIn(box, "checkpoints", [`${queued}`]);
  const outside = join(box.dataDir, "outside");
  mkdirSync(outside);
  symlinkSync(outside, join(box.dataDir, "attempts", `${queued}.3`));
  const before = new Date(Date.now() - 9 * DAY_MS);
  utimesSync(join(box.dataDir, "attempts", `${queued}.1`), before, before);
  utimesSync(outside, before, before);
  await part(box);
  await box.collect();
  expect(namesIn(box, "attempts").filter((name) => name.startsWith("stray-"))).toHaveLength(3);
  box.advance(2 * DAY_MS);
  const { removed } = await box.collect();
  expect(removed).toMatchObject([{ kind: "strays", count: 4 }]);
  expect(namesIn(box, "attempts")).toEqual([".trash"]);
  expect(namesIn(box, "checkpoints")).toEqual([".trash"]);
  expect(existsSync(outside)).toBe(true);
});

test("partFromStrays() removes at once what a killed start has not finished in them, and nothing else", async () => {
  await using box = await openRetention();
  const queued = await box.submit(await box.addUser("alice"));
  const outside = join(box.dataDir, "outside");
  makeIn(box, "outside", ["unfinished-theirs"]);
  makeIn(box, "attempts", [`${queued}.1/unfinished-a/work/src`, `${queued}.1/control`]);
  makeIn(box, "attempts", [`${queued}.1/job/work/unfinished-b`]);
  makeIn(box, "checkpoints", [`${queued}/unfinished-model`]);
  symlinkSync(outside, join(box.dataDir, "attempts", `${queued}.2`));
  symlinkSync(outside, join(box.dataDir, "attempts", `${queued}.1`, "unfinished-link"));
  await part(box);
  const attempt = namesIn(box, "attempts").find((name) => name.startsWith("stray-1.1-")) ?? "";
  expect(namesIn(box, `attempts/${attempt}`)).toEqual(["control", "job"]);
  expect(namesIn(box, `attempts/${attempt}/job/work`)).toEqual(["unfinished-b"]);
  const [checkpoints] = namesIn(box, "checkpoints");
  expect(namesIn(box, `checkpoints/${checkpoints}`)).toEqual(["unfinished-model"]);
  expect(namesIn(box, "outside")).toEqual(["unfinished-theirs"]);
});

test("partFromStrays() leaves what lives: its supervisor works in that folder", async () => {
  await using box = await openRetention();
  const alice = await box.addUser("alice");
  const [living, other] = [await box.submit(alice), await box.submit(alice)];
  makeIn(box, "attempts", [`${living}.1`, `${other}.1`]);
  makeIn(box, "checkpoints", [`${living}`]);
  await part(box, [{ jobId: living, attempt: 1 }]);
  expect(namesIn(box, "attempts")).toEqual([`${living}.1`, expect.stringMatching(/^stray-2/)]);
  expect(namesIn(box, "checkpoints")).toEqual([`${living}`]);
});
