// Tests of changing jobs that wait, and the time limit of those that run.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ParamsOf } from "@fetchml/protocol";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { editJob } from "./edit.ts";
import { holdJob } from "./hold.ts";
import { LOCAL_ADMIN, needs, openTestQueue, START, type TestQueue } from "./queue.fixture.ts";

let queue: TestQueue;
let alice: KeyHolder;
let admin: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  admin = await queue.addUser("carol", "admin");
});

afterEach(() => queue.close());

type Change = Omit<ParamsOf<"job.edit">, "job">;
const edit = (who: Principal, id: number, change: Change) =>
  editJob(queue, who, { job: String(id), ...change });

describe("editJob() of a queued job", () => {
  test("changes what is said and leaves the rest", async () => {
    const before = await queue.submit(alice, { timeout_ms: 5000, retries: 1 });
    const after = await edit(alice, 1, { gpus: 2, mem_bytes: 7 });
    expect(after).toEqual({ ...before, gpus: 2, mem_bytes: 7 });
    const all = { gpus: 1, cpus: 2, mem_bytes: 3, timeout_ms: 6000, retries: 4 };
    expect(await edit(alice, 1, { ...all, begin_at: START + 9 })).toEqual({
      ...before,
      ...all,
      eligible_at: START + 9,
      reason: "begin-at",
    });
  });

  test("takes null for no limit and for any time", async () => {
    await queue.submit(alice, { timeout_ms: 5000, begin_at: START + 9 });
    expect(await edit(alice, 1, { timeout_ms: null, begin_at: null })).toMatchObject({
      timeout_ms: null,
      eligible_at: null,
      reason: "resources",
    });
  });

  test("refuses what the idle box could not run, and changes nothing", async () => {
    const before = await queue.submit(alice);
    const refusal = await rejectionOf(edit(alice, 1, { gpus: 4, retries: 9 }));
    expect(refusal).toMatchObject({ code: "impossible-request" });
    expect(queue.job(1)).toEqual(before);
  });

  test("refuses a stranger", async () => {
    await queue.submit(alice);
    const bob = await queue.addUser("bob");
    expect(await rejectionOf(edit(bob, 1, { cpus: 2 }))).toMatchObject({ code: "not-allowed" });
  });

  test("tells the news of it", async () => {
    await queue.submit(alice);
    const job = await edit(alice, 1, { cpus: 2 });
    expect(queue.heard.at(-1)).toEqual({ kind: "job-changed", job });
  });
});

describe("editJob() with first", () => {
  test("lets a job start before its owner's others, and before nobody else's", async () => {
    const bob = await queue.addUser("bob");
    for (const who of [alice, bob, alice]) await queue.submit(who, needs({ cpus: 8 }));
    await edit(alice, 3, { first: true });
    const order = [];
    for (let round = 0; round < 3; round += 1) {
      const [id = 0] = await queue.startAll();
      order.push(id);
      await queue.end(id);
    }
    expect(order).toEqual([3, 2, 1]);
  });

  test("means the owner's others when an admin says it", async () => {
    for (const who of [admin, alice, alice]) await queue.submit(who, needs({ cpus: 8 }));
    await edit(admin, 3, { first: true });
    expect(await queue.startAll()).toEqual([1]);
    await queue.end(1);
    expect(await queue.startAll()).toEqual([3]);
  });

  test("counts a held job of the owner as one of the others", async () => {
    await queue.submit(alice, needs({ cpus: 8 }));
    await queue.submit(alice, needs({ cpus: 8 }));
    await holdJob(queue, alice, { ref: "1", held: true });
    await edit(alice, 2, { first: true });
    await holdJob(queue, alice, { ref: "1", held: false });
    expect(await queue.startAll()).toEqual([2]);
  });
});

describe("editJob() of a running job", () => {
  beforeEach(async () => {
    await queue.submit(alice, { timeout_ms: 5000 });
    await queue.startAll();
  });

  test("lets an admin change its time limit, which is told to whoever keeps it", async () => {
    for (const [who, timeout_ms] of [
      [admin, 9000],
      [LOCAL_ADMIN, null],
    ] as const) {
      expect(await edit(who, 1, { timeout_ms })).toMatchObject({ state: "running", timeout_ms });
      expect(
        queue.heard.find(
          (item) => item.kind === "timeout-changed" && item.timeoutMs === timeout_ms,
        ),
      ).toEqual({
        kind: "timeout-changed",
        attempt: { jobId: 1, attempt: 1 },
        timeoutMs: timeout_ms,
      });
    }
  });

  test("refuses its owner", async () => {
    const refusal = await rejectionOf(edit(alice, 1, { timeout_ms: 9000 }));
    expect(refusal).toMatchObject({ code: "not-allowed" });
    expect(queue.job(1).timeout_ms).toBe(5000);
  });

  test("refuses every other change, and one that says nothing", async () => {
    const changes: readonly Change[] = [
      { cpus: 2 },
      { timeout_ms: 9000, retries: 1 },
      { first: true },
      {},
    ];
    for (const change of changes) {
      const refusal = await rejectionOf(edit(admin, 1, change));
      expect(refusal).toMatchObject({ code: "conflict" });
      expect(refusal?.message).toContain("it is running");
    }
  });

  test("refuses one that has ended", async () => {
    await queue.end(1);
    const refusal = await rejectionOf(edit(admin, 1, { timeout_ms: 9000 }));
    expect(refusal).toMatchObject({ code: "conflict" });
    expect(refusal?.message).toContain("it is succeeded");
  });
});
