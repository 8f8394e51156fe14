// Tests of cancelling jobs, all of those named or none.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { CANCEL_GRACE_MS, cancelJobs } from "./cancel.ts";
import { holdJob } from "./hold.ts";
import { LOCAL_ADMIN, openTestQueue, START, toldStates, type TestQueue } from "./queue.fixture.ts";

let queue: TestQueue;
let alice: KeyHolder;
let bob: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  bob = await queue.addUser("bob");
});

afterEach(() => queue.close());

const cancel = (who: Principal, ...jobs: readonly string[]) =>
  cancelJobs(queue, who, { jobs, graceMs: CANCEL_GRACE_MS });
const requests = () => queue.heard.filter((item) => item.kind === "cancel-requested");

describe("cancelJobs()", () => {
  test("ends a queued job at once and says who did it", async () => {
    await queue.submit(alice);
    queue.clock.advance(10);
    const [job] = await cancel(alice, "train");
    expect(job).toMatchObject({
      id: 1,
      state: "cancelled",
      ended_at: START + 10,
      outcome: { kind: "cancelled", by: "alice", exit_code: null },
    });
    expect(requests()).toEqual([]);
    expect(await queue.startAll()).toEqual([]);
  });

  test("ends a held job too", async () => {
    await queue.submit(alice, { hold: true });
    expect(await cancel(alice, "1")).toMatchObject([{ state: "cancelled" }]);
  });

  test("ends a job that waits for its retry, and forgets the retry", async () => {
    await queue.submit(alice, { retries: 1 });
    await queue.startAll();
    await queue.end(1, { kind: "exited", exit_code: 1 });
    expect(await cancel(alice, "1")).toMatchObject([{ state: "cancelled", eligible_at: null }]);
    queue.clock.advance(3_600_000);
    expect(await queue.startAll()).toEqual([]);
  });

  test("asks a running job to end, with its attempt and the grace", async () => {
    await queue.submit(alice);
    await queue.startAll();
    expect(await cancel(alice, "1")).toMatchObject([{ state: "cancelling", ended_at: null }]);
    const attempt = { jobId: 1, attempt: 1 };
    expect(requests()).toEqual([{ kind: "cancel-requested", attempt, graceMs: 15_000 }]);
    expect(queue.row(1).cancelled_by).toBe("alice");
  });

  test("asks again when the job is cancelling, so that it can be hurried, and keeps the first name", async () => {
    await queue.submit(alice);
    await queue.startAll();
    await cancel(alice, "1");
    await cancelJobs(queue, LOCAL_ADMIN, { jobs: ["1"], graceMs: 0 });
    expect(requests()).toMatchObject([{ graceMs: 15_000 }, { graceMs: 0 }]);
    expect(queue.row(1)).toMatchObject({ state: "cancelling", cancelled_by: "alice" });
  });

  test("cancels several at once, each once though named twice", async () => {
    await queue.submit(alice, { name: "a" });
    await queue.submit(alice, { name: "b" });
    const jobs = await cancel(alice, "b", "1", "a", "2");
    expect(jobs.map(({ id, state }) => [id, state])).toEqual([
      [2, "cancelled"],
      [1, "cancelled"],
    ]);
    expect(toldStates(queue, 1)).toEqual(["queued", "cancelled"]);
  });

  test("cancels none when one of them cannot be", async () => {
    await queue.submit(alice);
    await queue.submit(bob);
    for (const other of ["2", "99", "nonsense"]) {
      expect(await rejectionOf(cancel(alice, "1", other))).toBeDefined();
      expect(queue.job(1).state).toBe("queued");
      expect(queue.job(2).state).toBe("queued");
    }
    expect(queue.heard).toHaveLength(2);
  });

  test("refuses a job that has ended, and says how it ended", async () => {
    await queue.submit(alice);
    await queue.startAll();
    await queue.end(1);
    const ended = await rejectionOf(cancel(alice, "train"));
    expect(ended).toMatchObject({ code: "conflict" });
    expect(ended?.message).toBe(
      'Job 1 (train) is not running: it ended as succeeded. "ml show 1" tells more.',
    );
    await queue.submit(alice, { name: "other" });
    await cancel(alice, "2");
    expect((await rejectionOf(cancel(alice, "2")))?.message).toContain("it was cancelled");
  });

  test("refuses a stranger, and lets an admin", async () => {
    await queue.submit(alice);
    expect(await rejectionOf(cancel(bob, "1"))).toMatchObject({ code: "not-allowed" });
    const admin = await queue.addUser("carol", "admin");
    expect(await cancel(admin, "1")).toMatchObject([{ outcome: { by: "carol" } }]);
  });
});

describe("a cancel and a hold", () => {
  test("of one job in one turn happen one after the other", async () => {
    await queue.submit(alice);
    const held = holdJob(queue, alice, { ref: "1", held: true });
    const cancelled = cancel(alice, "1");
    const late = rejectionOf(holdJob(queue, alice, { ref: "1", held: false }));
    expect(await held).toMatchObject({ reason: "held" });
    expect(await cancelled).toMatchObject([{ state: "cancelled" }]);
    expect(await late).toMatchObject({ code: "conflict" });
  });
});
