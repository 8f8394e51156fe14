// Tests of what becomes of a cancel of many jobs when the process or the store gets in its way.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { aliveJobsOfUser, sweepAfter } from "../store/cancel-sweeps.ts";
import { openStore } from "../store/open-store.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { cancelAllJobs, type CancelledAll } from "./cancel-all.ts";
import { CancelSweeps, JOBS_A_SLICE } from "./cancel-sweeps.ts";
import { claimJobs } from "./claim.ts";
import { openTestQueue, type TestQueue } from "./queue.fixture.ts";

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(async () => {
  await queue.sweeps.close();
  queue.close();
});

const fill = (count: number) =>
  Promise.all(Array.from({ length: count }, () => queue.submit(alice)));
const countOf = (state: string) =>
  queue.db.get<{ n: number }>("SELECT count(*) AS n FROM jobs WHERE state = $state", { state })?.n;
const firstSlice = () =>
  new Promise<void>((resolve) => {
    queue.news.listen((item) => item.kind === "jobs-cancelled" && resolve());
  });

/** A cancel of all whose sweeps were closed after the first slice; answers how it ended. */
async function brokenOff(): Promise<Error | undefined> {
  const all = rejectionOf(cancelAllJobs(queue, alice, { graceMs: 0 }));
  await firstSlice();
  await queue.sweeps.close();
  return all;
}

describe("CancelSweeps", () => {
  test("is closed after the slice under way, and says that the rest comes later", async () => {
    await fill(4 * JOBS_A_SLICE);
    const fault = await brokenOff();
    expect(fault).toMatchObject({ code: "shutting-down" });
    expect(fault?.message).toContain("goes on with the others when it starts again");
    expect(countOf("queued")).toBeGreaterThan(0);
    await queue.sweeps.close();
  });

  test("goes on in a new process, and until then none of the jobs starts", async () => {
    await fill(4 * JOBS_A_SLICE);
    await brokenOff();
    const left = countOf("queued") ?? 0;
    expect(await claimJobs(queue)).toEqual([]);
    expect(aliveJobsOfUser(queue.db, alice.userId)).toEqual([]);
    await new CancelSweeps(queue).resume();
    expect(left).toBeGreaterThan(0);
    expect(countOf("cancelled")).toBe(4 * JOBS_A_SLICE);
    expect(sweepAfter(queue.db, 0)).toBeNull();
  });

  test("begins nothing when no sweep is open", async () => {
    await fill(2);
    const heard = queue.heard.length;
    await queue.sweeps.resume();
    expect(countOf("queued")).toBe(2);
    expect(queue.heard).toHaveLength(heard);
  });

  test("tells who waits of a fault of the store, and goes on when it is asked to", async () => {
    await fill(3 * JOBS_A_SLICE);
    const { db } = queue;
    let faults = 1;
    const sweeps = new CancelSweeps({
      clock: queue.clock,
      news: queue.news,
      db: new Proxy(db, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== "function") return member;
          return (...args: unknown[]): unknown => {
            if (name === "write" && faults-- > 0) return Promise.reject(new Error("disk full"));
            return Reflect.apply(member, target, args);
          };
        },
      }),
    });
    const all = cancelAllJobs({ ...queue, sweeps }, alice, { graceMs: 0 });
    expect((await rejectionOf(all))?.message).toBe("disk full");
    expect(countOf("queued")).toBe(2 * JOBS_A_SLICE);
    await sweeps.resume();
    expect(countOf("cancelled")).toBe(3 * JOBS_A_SLICE);
  });

  test("of two cancels, of which one begins in the commit that ends the other, each waits for its own jobs", async () => {
    await fill(JOBS_A_SLICE + 1);
    const { db } = queue;
    const second: Promise<CancelledAll>[] = [];
    const sweeps: CancelSweeps = new CancelSweeps({
      clock: queue.clock,
      news: queue.news,
      db: new Proxy(db, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== "function") return member;
          return (...args: unknown[]): unknown => {
            const result: unknown = Reflect.apply(member, target, args);
            if (name === "write" && second.length === 0) {
              second.push(cancelAllJobs({ ...queue, sweeps }, alice, { graceMs: 0 }));
            }
            return result;
          };
        },
      }),
    });
    const first = cancelAllJobs({ ...queue, sweeps }, alice, { graceMs: 0 });
    await fill(2 * JOBS_A_SLICE);
    expect((await first).count).toBe(JOBS_A_SLICE + 1);
    expect((await second[0])?.count).toBe(2 * JOBS_A_SLICE);
    expect(countOf("queued")).toBe(0);
  });

  test("refuses whoever comes after its close, with what was asked for kept for the next start", async () => {
    await fill(2 * JOBS_A_SLICE);
    await queue.sweeps.close();
    const late = rejectionOf(cancelAllJobs(queue, alice, { graceMs: 0 }));
    expect(await late).toMatchObject({ code: "shutting-down" });
    expect(sweepAfter(queue.db, 0)).toMatchObject({ user: "alice", cancelled: JOBS_A_SLICE });
  });
});

describe("a cancel of many jobs in a store that was closed and opened again", () => {
  test("is still known, and is finished with all it had to do", async () => {
    await fill(4 * JOBS_A_SLICE);
    await brokenOff();
    const path = queue.db.get<{ file: string }>("SELECT file FROM pragma_database_list")?.file;
    const folder = (path ?? expect.unreachable()).replace(/\/[^/]+$/, "");
    queue.db.close();
    const db = openStore(folder, 0);
    await new CancelSweeps({ db, clock: queue.clock, news: queue.news }).resume();
    expect(db.all("SELECT state, count(*) AS n FROM jobs GROUP BY state")).toEqual([
      { state: "cancelled", n: 4 * JOBS_A_SLICE },
    ]);
    expect(db.get("SELECT queued, waiting FROM queue_counts")).toEqual({ queued: 0, waiting: 0 });
    db.close();
  });
});
