// Tests of what the queue does with jobs whose projects the disk has no room for.
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { needOf } from "../domain/project-room.ts";
import { claimJobs } from "./claim.ts";
import type { QueueContext } from "./context.ts";
import { countedDatabase } from "./counted-database.fixture.ts";
import { listPage, viewQueue } from "./look.ts";
import { nextStartTime } from "./next-start-time.ts";
import { recordRunning } from "./record-attempt.ts";
import { needs, openTestQueue, type TestQueue } from "./queue.fixture.ts";
import { noteSnapshot } from "./snapshots-held.ts";
import { explainJob } from "./why.ts";

const MIB = 1024 ** 2;
/** What the disk of the fixture keeps free. */
const RESERVE = 100;

const BIG = { id: "b".repeat(64), file_count: 2, size_bytes: 90 * MIB };
const SMALL = { id: "5".repeat(64), file_count: 1, size_bytes: MIB };
const bytesOf = (project: typeof BIG) => needOf(project, true).bytes;

let queue: TestQueue;
let ctx: QueueContext;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  ctx = { ...queue, projects: { takesBytes: true, largest: BIG } };
  alice = await queue.addUser("alice");
  for (const project of [BIG, SMALL]) await noteSnapshot(queue, alice, project);
});

afterEach(() => queue.close());

const claimed = async () => (await claimJobs(ctx)).map(({ jobId }) => jobId);
const submit = (project: typeof BIG | null, cpus = 1) =>
  queue.submit(alice, { ...needs({ cpus }), snapshot: project?.id ?? null });
const reasons = async () =>
  (await viewQueue(ctx)).queued.map(({ id, reason }) => `${id} ${reason ?? ""}`);
const linesOf = async (id: number) => (await explainJob(ctx, alice, String(id))).lines;

test("a job whose project has no room waits for the disk and says so, those behind it start, and it starts when there is room", async () => {
  await submit(BIG, 8);
  await submit(SMALL);
  await submit(null);
  queue.room.setFree(RESERVE + bytesOf(BIG) - 1);
  expect(await claimed()).toEqual([2, 3]);
  expect(await reasons()).toEqual(["1 disk"]);
  expect((await listPage(ctx, alice, {})).jobs.at(-1)).toMatchObject({ id: 1, reason: "disk" });
  expect((await linesOf(1))[0]).toMatch(
    /^The disk has no room for its project: it takes 90(?:\.\d)? MiB, and 89(?:\.\d)? MiB are free beside/,
  );
  expect(await nextStartTime(ctx)).toBe(queue.clock.now() + 5000);
  for (const jobId of [2, 3]) {
    await recordRunning(ctx, { jobId, attempt: 1 });
    await queue.end(jobId);
  }
  queue.room.setFree(RESERVE + bytesOf(BIG));
  expect(await reasons()).toEqual(["1 resources"]);
  expect(await claimed()).toEqual([1]);
});

test("what is being laid out counts until it runs", async () => {
  await submit(BIG);
  await submit(BIG);
  queue.room.setFree(RESERVE + 2 * bytesOf(BIG) - 1);
  expect(await claimed()).toEqual([1]);
  expect(await claimed()).toEqual([]);
  expect(await reasons()).toEqual(["2 disk"]);
  await recordRunning(ctx, { jobId: 1, attempt: 1 });
  expect(await claimed()).toEqual([2]);
});

test("where the file system shares the bytes of copies a project takes none", async () => {
  ctx = { ...ctx, projects: { takesBytes: false, largest: BIG } };
  await submit(BIG);
  queue.room.setFree(RESERVE);
  expect(await claimed()).toEqual([1]);
});

test("a project of more files than the disk takes waits, and is told how many it has", async () => {
  await submit(BIG);
  const look = { ...queue.room.look(), files: { free: 1001, reserve: 1000 } };
  ctx = { ...ctx, room: { ...queue.room, look: () => look } };
  expect(await claimed()).toEqual([]);
  expect((await linesOf(1))[0]).toContain("it has 2 files, and the disk can take 1 more");
});

test("while the disk is short every job that could start waits for it", async () => {
  await submit(null);
  await queue.submit(alice, { hold: true });
  queue.room.setFree(RESERVE - 1);
  expect(await reasons()).toEqual(["1 disk", "2 held"]);
});

test("with room for as many of the largest projects as there are CPUs no project is looked at", async () => {
  const counted = countedDatabase(queue.db);
  ctx = { ...ctx, db: counted.db };
  await submit(BIG);
  const statementsOf = async (free: number) => {
    queue.room.setFree(free);
    counted.take();
    await viewQueue(ctx);
    await nextStartTime(ctx);
    await claimJobs(ctx);
    return counted.take().statements.filter((sql) => sql.includes("snapshots")).length;
  };
  expect(await statementsOf(RESERVE + queue.totals.cpus * bytesOf(BIG))).toBe(0);
  expect(await statementsOf(RESERVE + queue.totals.cpus * bytesOf(BIG) - 1)).toBeGreaterThan(0);
});
