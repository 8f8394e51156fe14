// Tests of putting jobs into the queue.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import type { KeyHolder } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import {
  LOCAL_ADMIN,
  needs,
  openTestQueue,
  START,
  submission,
  type TestQueue,
} from "./queue.fixture.ts";
import { noteSnapshot } from "./snapshots-held.ts";
import { submitJob } from "./submit.ts";

const SNAPSHOT = { id: "5".repeat(64), file_count: 1, size_bytes: 1 };

let queue: TestQueue;
let alice: KeyHolder;
let bob: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  bob = await queue.addUser("bob");
});

afterEach(() => queue.close());

describe("submitJob()", () => {
  test("answers and tells every job as the store has it", async () => {
    for (const params of [{}, { hold: true }, { begin_at: START + 9 }, needs({ gpus: 1 })]) {
      const { job } = await submitJob(queue, alice, submission(params));
      expect(job).toEqual(queue.job(job.id));
      expect(queue.heard.at(-1)).toEqual({ kind: "job-changed", job });
    }
  });

  test("queues a job and tells all that everyone may see of it", async () => {
    const { job, ahead } = await submitJob(
      queue,
      alice,
      submission({ ...needs({ gpus: 2, cpus: 3, mem_bytes: 4 }), timeout_ms: 5000, retries: 6 }),
    );
    expect(job).toEqual({
      id: 1,
      name: "train",
      user: "alice",
      state: "queued",
      reason: "resources",
      gpus: 2,
      cpus: 3,
      mem_bytes: 4,
      timeout_ms: 5000,
      no_output_ms: null,
      retries: 6,
      attempt: 0,
      created_at: START,
      eligible_at: null,
      started_at: null,
      ended_at: null,
      outcome: null,
      pinned: false,
    });
    expect(ahead).toBe(0);
    expect(queue.job(1)).toEqual(job);
  });

  test("tells how many stand before it, held ones not among them", async () => {
    await queue.submit(alice);
    await queue.submit(bob, { hold: true });
    await queue.submit(bob);
    expect((await submitJob(queue, alice, submission())).ahead).toBe(2);
  });

  test("holds a job that wants to be held", async () => {
    expect(await queue.submit(alice, { hold: true })).toMatchObject({
      state: "queued",
      reason: "held",
    });
  });

  test("keeps a job until the time it asks for", async () => {
    const job = await queue.submit(alice, { begin_at: START + 1000 });
    expect(job).toMatchObject({ reason: "begin-at", eligible_at: START + 1000 });
    expect(await queue.startAll()).toEqual([]);
    queue.clock.advance(1000);
    expect(await queue.startAll()).toEqual([1]);
  });

  test("answers the first job to a second submit with the same word, whatever else it says", async () => {
    const first = await submitJob(queue, alice, submission({ submission: "word-123" }));
    const again = submission({ submission: "word-123", name: "other", ...needs({ cpus: 99 }) });
    expect(await submitJob(queue, alice, again)).toEqual(first);
    expect(queue.heard).toHaveLength(1);
  });

  test("answers the first job as it is now when that has moved on", async () => {
    await queue.submit(alice, { submission: "word-123" });
    await queue.startAll();
    expect(await queue.submit(alice, { submission: "word-123" })).toMatchObject({
      id: 1,
      state: "running",
    });
  });

  test("takes two submits of one turn with the same word for one", async () => {
    const word = submission({ submission: "word-123" });
    const [first, second] = await Promise.all([
      submitJob(queue, alice, word),
      submitJob(queue, alice, word),
    ]);
    expect(second).toEqual(first);
  });

  test("lets two users use the same word", async () => {
    await queue.submit(alice, { submission: "word-123" });
    expect((await queue.submit(bob, { submission: "word-123" })).id).toBe(2);
  });

  test("runs from a snapshot that this user has sent", async () => {
    await noteSnapshot(queue, alice, SNAPSHOT);
    expect((await queue.submit(alice, { snapshot: SNAPSHOT.id })).id).toBe(1);
  });

  test("refuses a snapshot that only somebody else has sent, as if it did not exist", async () => {
    await noteSnapshot(queue, bob, SNAPSHOT);
    const strangers = await rejectionOf(queue.submit(alice, { snapshot: SNAPSHOT.id }));
    expect(strangers).toMatchObject({ code: "snapshot-missing" });
    const unknown = await rejectionOf(queue.submit(alice, { snapshot: "6".repeat(64) }));
    expect(unknown?.message.replaceAll("6", "5")).toBe(strangers?.message ?? "");
  });

  test("refuses what the idle box could not run, and says why", async () => {
    const greedy = needs({ cpus: 9, gpus: 4, mem_bytes: 65 * 2 ** 30 });
    const refusal = await rejectionOf(queue.submit(alice, greedy));
    expect(refusal).toBeInstanceOf(FetchmlError);
    expect(refusal).toMatchObject({ code: "impossible-request" });
    expect(refusal?.message).toBe(
      "This job could never start: it asks for 9 CPUs and the box has 8; for 65 GiB of memory and " +
        'the box has 64 GiB; for 4 GPUs and the box has 3.\nAsk for less; "ml status" shows the box.',
    );
    expect(queue.heard).toEqual([]);
  });

  test("takes a job that needs the whole box, though the box is busy", async () => {
    await queue.submit(alice);
    await queue.startAll();
    const whole = needs({ cpus: 8, gpus: 3, mem_bytes: 64 * 2 ** 30 });
    expect((await queue.submit(bob, whole)).state).toBe("queued");
  });

  test("refuses the admin on the box, who has no jobs", async () => {
    const refusal = await rejectionOf(submitJob(queue, LOCAL_ADMIN, submission()));
    expect(refusal).toMatchObject({ code: "not-allowed" });
  });

  test("tells the news of a job after the commit", async () => {
    const submitted = queue.submit(alice);
    expect(queue.heard).toEqual([]);
    const job = await submitted;
    expect(queue.heard).toEqual([{ kind: "job-changed", job }]);
  });
});
