// Tests of giving an attempt back of which nothing was begun.
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { cancelJobs } from "./cancel.ts";
import { claimJobs } from "./claim.ts";
import { editJob } from "./edit.ts";
import { giveBack } from "./give-back.ts";
import { showJob } from "./look.ts";
import { openTestQueue, toldStates, type TestQueue } from "./queue.fixture.ts";
import { explainJob } from "./why.ts";

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

const WHY = "Cannot lay out the project: no room.";
const claimedIds = async () => (await claimJobs(queue)).map(({ jobId }) => jobId);

test("the job waits for the disk as if it had not been claimed, says why, and is picked again after half a minute", async () => {
  await queue.submit(alice);
  await claimJobs(queue);
  await giveBack(queue, { jobId: 1, attempt: 1 }, WHY);
  expect(await showJob(queue, alice, "1")).toMatchObject({
    state: "queued",
    reason: "disk",
    attempt: 0,
    started_at: null,
    attempts: [],
  });
  expect(toldStates(queue, 1)).toEqual(["queued", "starting", "queued"]);
  expect((await explainJob(queue, alice, "1")).lines).toEqual([WHY, "It is tried again in 30s."]);
  queue.clock.advance(29_999);
  expect(await claimedIds()).toEqual([]);
  queue.clock.advance(1);
  expect(await claimedIds()).toEqual([1]);
  expect(queue.row(1)).toMatchObject({ state: "starting", attempt: 1, outcome: null });
});

test("once its time is over nothing tells of it any more", async () => {
  await queue.submit(alice);
  await claimJobs(queue);
  await giveBack(queue, { jobId: 1, attempt: 1 }, WHY);
  queue.clock.advance(29_999);
  expect(await showJob(queue, alice, "1")).toMatchObject({ outcome: { kind: "failed-to-start" } });
  queue.clock.advance(1);
  expect(await showJob(queue, alice, "1")).toMatchObject({ reason: "resources", outcome: null });
});

test("one that is told to begin later waits for that", async () => {
  await queue.submit(alice);
  await claimJobs(queue);
  await giveBack(queue, { jobId: 1, attempt: 1 }, WHY);
  const later = queue.clock.now() + 7_200_000;
  await editJob(queue, alice, { job: "1", cpus: 1 });
  expect(await showJob(queue, alice, "1")).toMatchObject({ reason: "disk" });
  queue.clock.advance(31_000);
  await editJob(queue, alice, { job: "1", begin_at: later });
  const shown = await showJob(queue, alice, "1");
  expect(shown).toMatchObject({ reason: "begin-at", eligible_at: later, outcome: null });
  expect((await explainJob(queue, alice, "1")).lines.join()).toContain("It was asked to begin");
});

test("a later attempt leaves the one before and its outcome, and spends no retry", async () => {
  await queue.submit(alice, { retries: 1 });
  await queue.startAll();
  await queue.end(1, { kind: "exited", exit_code: 3 });
  queue.clock.advance(60_000);
  expect(await claimedIds()).toEqual([1]);
  await giveBack(queue, { jobId: 1, attempt: 2 }, WHY);
  expect(await showJob(queue, alice, "1")).toMatchObject({
    state: "queued",
    reason: "retry-at",
    attempt: 1,
    outcome: { kind: "exited", exit_code: 3 },
    attempts: [{ number: 1 }],
  });
  await editJob(queue, alice, { job: "1", begin_at: queue.clock.now() + 30_000 });
  queue.clock.advance(30_000);
  const outcome = { kind: "exited", exit_code: 3 };
  expect(await showJob(queue, alice, "1")).toMatchObject({ reason: "resources", outcome });
  expect(await queue.startAll()).toEqual([1]);
  await queue.end(1);
  expect(queue.job(1)).toMatchObject({ state: "succeeded", attempt: 2 });
});

test("one that was cancelled meanwhile, runs, or is another attempt stays as it is", async () => {
  await queue.submit(alice);
  await claimJobs(queue);
  await giveBack(queue, { jobId: 1, attempt: 2 }, WHY);
  expect(queue.job(1).state).toBe("starting");
  await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
  await giveBack(queue, { jobId: 1, attempt: 1 }, WHY);
  expect(queue.job(1).state).toBe("cancelling");
  await queue.submit(alice);
  await queue.startAll();
  await giveBack(queue, { jobId: 2, attempt: 1 }, WHY);
  expect(queue.job(2).state).toBe("running");
});
