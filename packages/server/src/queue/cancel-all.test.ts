// Tests of cancelling all jobs of a user, few and many.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { sweepAfter } from "../store/cancel-sweeps.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { beginCancelOf, cancelAllJobs, ended } from "./cancel-all.ts";
import { JOBS_A_SLICE } from "./cancel-sweeps.ts";
import { claimJobs } from "./claim.ts";
import { LOCAL_ADMIN, openTestQueue, START, toldStates, type TestQueue } from "./queue.fixture.ts";
import { explainJob } from "./why.ts";

let queue: TestQueue;
let alice: KeyHolder;
let bob: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  bob = await queue.addUser("bob");
});

afterEach(async () => {
  await queue.sweeps.close();
  queue.close();
});

const cancelAll = (who: Principal) => cancelAllJobs(queue, who, { graceMs: 0 });
const fill = (who: KeyHolder, count: number) =>
  Promise.all(Array.from({ length: count }, () => queue.submit(who)));
const statesOf = (who: string) =>
  queue.db.all<{ state: string; n: number }>(
    "SELECT state, count(*) AS n FROM jobs JOIN users AS u ON u.id = user_id WHERE u.name = $who GROUP BY state ORDER BY state",
    { who },
  );
const slices = () =>
  queue.heard.flatMap((item) => (item.kind === "jobs-cancelled" ? [item.ids.size] : []));

/** Resolves after the first slice that is told of from now on. */
const nextSlice = () =>
  new Promise<void>((resolve) => {
    const stop = queue.news.listen((item) => {
      if (item.kind !== "jobs-cancelled") return;
      stop();
      resolve();
    });
  });

describe("cancelAllJobs()", () => {
  test("cancels all my unfinished jobs, and nobody else's", async () => {
    for (const who of [alice, alice, bob]) await queue.submit(who);
    await queue.startAll();
    await queue.end(1);
    await queue.submit(alice, { hold: true });
    await queue.submit(alice, { begin_at: START + 9 });
    const { jobs, count } = await cancelAll(alice);
    expect(jobs.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      [2, "cancelling", null],
      [4, "cancelled", null],
      [5, "cancelled", null],
    ]);
    expect(count).toBe(3);
    expect(queue.job(3).state).toBe("running");
    expect(queue.job(5)).toEqual(jobs[2] ?? expect.unreachable());
  });

  test("asks the started ones to end, and tells of all in order", async () => {
    await queue.submit(alice);
    await queue.startAll();
    await queue.submit(alice, { hold: true });
    await cancelAllJobs(queue, alice, { graceMs: 15_000 });
    const attempt = { jobId: 1, attempt: 1 };
    expect(queue.heard).toContainEqual({ kind: "cancel-requested", attempt, graceMs: 15_000 });
    expect(queue.row(1).cancelled_by).toBe("alice");
    expect(toldStates(queue, 2)).toEqual(["queued", "cancelled"]);
  });

  test("cancels nothing where there is nothing", async () => {
    expect(await cancelAll(alice)).toEqual({ jobs: [], count: 0 });
    expect(queue.heard).toEqual([]);
  });

  test("cancels not everyone's jobs for an admin, only the admin's own", async () => {
    await queue.submit(alice);
    expect(await cancelAll(await queue.addUser("carol", "admin"))).toMatchObject({ count: 0 });
    expect(await rejectionOf(cancelAll(LOCAL_ADMIN))).toMatchObject({ code: "not-allowed" });
    expect(queue.job(1).state).toBe("queued");
  });

  test("cancels more than a slice of them, lists the first and counts all", async () => {
    await fill(alice, 2 * JOBS_A_SLICE + 7);
    await fill(bob, 2);
    queue.clock.advance(10);
    const { jobs, count } = await cancelAll(alice);
    expect(count).toBe(2 * JOBS_A_SLICE + 7);
    expect(jobs.map(({ id }) => id)).toEqual(
      Array.from({ length: JOBS_A_SLICE }, (_, place) => place + 1),
    );
    expect(statesOf("alice")).toEqual([{ state: "cancelled", n: count }]);
    expect(statesOf("bob")).toEqual([{ state: "queued", n: 2 }]);
    expect(queue.job(count)).toMatchObject({
      state: "cancelled",
      ended_at: START + 10,
      outcome: { kind: "cancelled", by: "alice", exit_code: null },
    });
    expect(sweepAfter(queue.db, 0)).toBeNull();
  });

  test("tells of a slice in one piece of news", async () => {
    await fill(alice, 2 * JOBS_A_SLICE + 7);
    const before = queue.heard.length;
    await cancelAll(alice);
    expect(slices()).toEqual([JOBS_A_SLICE, JOBS_A_SLICE, 7]);
    expect(queue.heard).toHaveLength(before + 3);
  });

  test("leaves no more news than one too many when the slices come out even", async () => {
    await fill(alice, 2 * JOBS_A_SLICE);
    expect((await cancelAll(alice)).count).toBe(2 * JOBS_A_SLICE);
    expect(slices()).toEqual([JOBS_A_SLICE, JOBS_A_SLICE]);
    expect(sweepAfter(queue.db, 0)).toBeNull();
  });
});

describe("between the slices", () => {
  test("others' writes and reads are answered before the end", async () => {
    // A submit takes a turn or two, in which slices are done as well.
    await fill(alice, 16 * JOBS_A_SLICE);
    const order: string[] = [];
    const all = cancelAll(alice).then(() => order.push("all cancelled"));
    for (const turn of ["first", "second", "third"]) {
      await nextSlice();
      await queue.submit(bob);
      const { n } = queue.db.get<{ n: number }>(
        "SELECT count(*) AS n FROM jobs WHERE user_id = $id AND state = 'queued'",
        { id: alice.userId },
      ) ?? { n: 0 };
      order.push(`${turn} submit, ${n > 0 ? "some left" : "none left"}`);
    }
    await all;
    expect(order).toEqual([
      "first submit, some left",
      "second submit, some left",
      "third submit, some left",
      "all cancelled",
    ]);
  });

  test("none of the jobs can start, and those of others that stand behind a few of them can", async () => {
    const filled = await fill(alice, JOBS_A_SLICE + 3);
    const { id } = await queue.submit(bob);
    const all = cancelAll(alice);
    await nextSlice();
    expect((await claimJobs(queue)).map(({ jobId }) => jobId)).toEqual([id]);
    expect((await all).count).toBe(filled.length);
    expect(statesOf("alice")).toEqual([{ state: "cancelled", n: filled.length }]);
  });

  test("a claim does not walk along all of them", async () => {
    await fill(alice, 3 * JOBS_A_SLICE);
    const { id } = await queue.submit(bob);
    const all = cancelAll(alice);
    await nextSlice();
    expect(await claimJobs(queue)).toEqual([]);
    await all;
    expect((await claimJobs(queue)).map(({ jobId }) => jobId)).toEqual([id]);
  });

  test("a job says that it is being cancelled, and by whom", async () => {
    await fill(alice, 3 * JOBS_A_SLICE);
    const begun = await queue.db.write(() =>
      beginCancelOf(queue, "alice", { by: "root", graceMs: 0 }),
    );
    const { lines } = await explainJob(queue, bob, String(3 * JOBS_A_SLICE));
    expect(lines[0]).toBe("It is being cancelled with all other jobs of alice, asked for by root.");
    expect((await ended(begun)).count).toBe(3 * JOBS_A_SLICE);
  });

  test("what the same user submits is queued and stays", async () => {
    await fill(alice, 3 * JOBS_A_SLICE);
    const all = cancelAll(alice);
    await nextSlice();
    const { id } = await queue.submit(alice);
    expect((await all).count).toBe(3 * JOBS_A_SLICE);
    expect(queue.job(id).state).toBe("queued");
    expect((await claimJobs(queue)).map(({ jobId }) => jobId)).toEqual([id]);
  });

  test("a second cancel of all joins the first and takes in what came meanwhile", async () => {
    await fill(alice, 3 * JOBS_A_SLICE);
    const first = cancelAll(alice);
    await nextSlice();
    const { id } = await queue.submit(alice);
    const second = cancelAll(alice);
    const counts = [(await first).count, (await second).count];
    expect(counts).toEqual([3 * JOBS_A_SLICE + 1, 3 * JOBS_A_SLICE + 1]);
    expect(queue.job(id).state).toBe("cancelled");
  });

  test("two users' jobs go by turns", async () => {
    await fill(alice, 6 * JOBS_A_SLICE);
    await fill(bob, 2 * JOBS_A_SLICE);
    const order: string[] = [];
    await Promise.all([
      cancelAll(alice).then(() => order.push("alice")),
      cancelAll(bob).then(() => order.push("bob")),
    ]);
    expect(order).toEqual(["bob", "alice"]);
  });
});
