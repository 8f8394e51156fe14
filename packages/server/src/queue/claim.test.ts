// Tests of taking jobs out of the queue.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { DEFAULT_GUARDS, limitsOf } from "../domain/guard-rules.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { aliveAttempts } from "./alive-attempts.ts";
import { cancelJobs } from "./cancel.ts";
import { attemptSpec, claimJobs } from "./claim.ts";
import { showJob } from "./look.ts";
import { needs, openTestQueue, START, toldStates, type TestQueue } from "./queue.fixture.ts";
import { noteSnapshot } from "./snapshots-held.ts";

const SNAPSHOT = { id: "5".repeat(64), file_count: 1, size_bytes: 1 };

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

const claimedIds = async () => (await claimJobs(queue)).map(({ jobId }) => jobId);
const gpusOf = async (id: number) =>
  (await showJob(queue, alice, String(id))).attempts.at(-1)?.gpu_uuids;

describe("claimJobs()", () => {
  test("hands over all that it takes to start the attempt", async () => {
    await noteSnapshot(queue, alice, SNAPSHOT);
    await queue.submit(alice, {
      ...needs({ gpus: 2, cpus: 2, mem_bytes: 5 }),
      command: { shell: "python3 train.py", args: ["--epochs", "5"] },
      cwd: "sub",
      env: { A: "1" },
      timeout_ms: 9000,
      snapshot: SNAPSHOT.id,
      secrets: [],
      mounts: ["/data/sets"],
      setup: { command: "uv sync", key: null },
    });
    expect(await claimJobs(queue)).toEqual([
      {
        jobId: 1,
        attempt: 1,
        jobName: "train",
        user: "alice",
        userId: expect.any(Number),
        command: { shell: "python3 train.py", args: ["--epochs", "5"] },
        cwd: "sub",
        env: { A: "1" },
        snapshot: SNAPSHOT.id,
        gpuUuids: ["A", "B"],
        mounts: ["/data/sets"],
        secrets: [],
        setup: { command: "uv sync", key: null },
        timeoutMs: 9000,
        memBytes: 5,
        cpus: 2,
        limits: limitsOf(null, DEFAULT_GUARDS),
        resume: false,
      },
    ]);
    expect(queue.job(1)).toMatchObject({ state: "starting", attempt: 1, started_at: START });
    expect(toldStates(queue, 1)).toEqual(["queued", "starting"]);
  });

  test("says after the first attempt that an earlier one has run", async () => {
    await queue.submit(alice, { retries: 1 });
    await queue.startAll();
    await queue.end(1, { kind: "exited", exit_code: 1 });
    queue.clock.advance(10_000);
    expect(await claimJobs(queue)).toMatchObject([{ jobId: 1, attempt: 2, resume: true }]);
  });

  test("takes the oldest first and no more than the box has", async () => {
    for (const cpus of [3, 3, 3]) await queue.submit(alice, needs({ cpus }));
    expect(await claimedIds()).toEqual([1, 2]);
    expect(await claimedIds()).toEqual([]);
    expect(queue.job(3).state).toBe("queued");
  });

  test("counts what jobs hold that are starting, running or being cancelled", async () => {
    for (let more = 0; more < 3; more += 1) await queue.submit(alice, needs({ cpus: 4 }));
    await claimJobs(queue);
    expect(await claimedIds()).toEqual([]);
    await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
    expect(await claimedIds()).toEqual([]);
    await queue.end(1, { kind: "cancelled", exit_code: null });
    expect(await claimedIds()).toEqual([3]);
  });

  test("does not give away in one turn what it gave away a moment before", async () => {
    for (let more = 0; more < 4; more += 1) {
      await queue.submit(alice, needs({ cpus: 4, gpus: 1 }));
    }
    const [first, second] = await Promise.all([claimJobs(queue), claimJobs(queue)]);
    expect(first.map(({ jobId }) => jobId)).toEqual([1, 2]);
    expect(second).toEqual([]);
  });

  test("gives each GPU to one job at a time, and again when it is free", async () => {
    await queue.submit(alice, needs({ gpus: 1 }));
    await queue.submit(alice, needs({ gpus: 2 }));
    await queue.submit(alice, needs({ gpus: 1 }));
    expect(await queue.startAll()).toEqual([1, 2]);
    expect([await gpusOf(1), await gpusOf(2)]).toEqual([["A"], ["B", "C"]]);
    await queue.end(1);
    expect(await queue.startAll()).toEqual([3]);
    expect(await gpusOf(3)).toEqual(["A"]);
  });

  test("leaves held jobs and those whose time has not come", async () => {
    await queue.submit(alice, { hold: true });
    await queue.submit(alice, { begin_at: START + 1 });
    expect(await claimedIds()).toEqual([]);
  });

  test("is not blocked by a job that asks for more than the box still has", async () => {
    await queue.submit(alice, needs({ cpus: 8, gpus: 3 }));
    await queue.submit(alice, needs({ gpus: 1 }));
    const shrunk = { ...queue, totals: { cpus: 4, mem_bytes: 10, gpu_uuids: ["A"] } };
    expect((await claimJobs(shrunk)).map(({ jobId }) => jobId)).toEqual([2]);
  });

  test("takes nothing while more is held than the box still has", async () => {
    await queue.submit(alice, needs({ cpus: 8, gpus: 2 }));
    await queue.startAll();
    await queue.submit(alice);
    const shrunk = { ...queue, totals: { cpus: 4, mem_bytes: 10, gpu_uuids: ["A"] } };
    expect(await claimJobs(shrunk)).toEqual([]);
  });

  test("makes its claims alive, oldest first, until they end", async () => {
    await queue.submit(alice);
    await queue.submit(alice);
    await queue.startAll();
    await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
    expect(await aliveAttempts(queue)).toEqual([
      { jobId: 1, attempt: 1, state: "cancelling", timeoutMs: null },
      { jobId: 2, attempt: 1, state: "running", timeoutMs: null },
    ]);
    await queue.end(1);
    expect(await aliveAttempts(queue)).toMatchObject([{ jobId: 2 }]);
  });

  test("tells nobody of a start before it is durable", async () => {
    await queue.submit(alice);
    const claimed = claimJobs(queue);
    expect(toldStates(queue, 1)).toEqual(["queued"]);
    await claimed;
    expect(toldStates(queue, 1)).toEqual(["queued", "starting"]);
  });

  test("counts the wait from when the job could have started, not from when it was queued", async () => {
    await queue.submit(alice);
    await queue.submit(alice, { begin_at: START + 1000 });
    queue.clock.advance(5000);
    await claimJobs(queue);
    const waits = queue.heard.flatMap((item) =>
      item.kind === "attempt-started" ? [item.waitMs] : [],
    );
    expect(waits).toEqual([5000, 4000]);
  });
});

describe("attemptSpec()", () => {
  test("is the same when it is read again after a restart", async () => {
    await queue.submit(alice, needs({ gpus: 1 }));
    const [spec] = await claimJobs(queue);
    expect(attemptSpec(queue, { jobId: 1, attempt: 1 })).toEqual(spec ?? expect.unreachable());
  });

  test("is a fault to ask for a job that never was", () => {
    expect(() => attemptSpec(queue, { jobId: 9, attempt: 1 })).toThrow("job 9");
  });
});
