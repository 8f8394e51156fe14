// Tests of recording how attempts run and end, told once, twice or too late.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AttemptEnd } from "../domain/attempt-end.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { attemptsOf } from "../store/attempts.ts";
import { cancelJobs } from "./cancel.ts";
import { claimJobs } from "./claim.ts";
import { nextStartTime } from "./next-start-time.ts";
import { openTestQueue, START, toldStates, type TestQueue } from "./queue.fixture.ts";
import { recordEnd, recordRunning } from "./record-attempt.ts";

const FAILED: AttemptEnd = { kind: "exited", exit_code: 3 };
const ATTEMPT = { jobId: 1, attempt: 1 };

let queue: TestQueue;
let alice: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
});

afterEach(() => queue.close());

const attempts = () => attemptsOf(queue.db, 1);

/** Submits job 1 and starts its first attempt. */
async function startJob(retries = 0): Promise<void> {
  await queue.submit(alice, { retries });
  await queue.startAll();
}

describe("recordRunning()", () => {
  test("brings a starting job to running, once", async () => {
    await queue.submit(alice);
    await claimJobs(queue);
    await recordRunning(queue, ATTEMPT);
    await recordRunning(queue, ATTEMPT);
    expect(toldStates(queue, 1)).toEqual(["queued", "starting", "running"]);
  });

  test("changes nothing of a job that is cancelling, has ended, or is at another attempt", async () => {
    await startJob(1);
    await recordRunning(queue, { jobId: 1, attempt: 2 });
    await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
    await recordRunning(queue, ATTEMPT);
    expect(queue.job(1).state).toBe("cancelling");
    await queue.end(1);
    await recordRunning(queue, ATTEMPT);
    await recordRunning(queue, { jobId: 99, attempt: 1 });
    expect(queue.job(1).state).toBe("cancelled");
  });

  test("changes nothing of a later attempt that is only starting", async () => {
    await startJob(1);
    await queue.end(1, FAILED);
    queue.clock.advance(10_000);
    await claimJobs(queue);
    await recordRunning(queue, ATTEMPT);
    expect(queue.job(1)).toMatchObject({ state: "starting", attempt: 2 });
  });
});

describe("recordEnd()", () => {
  test("ends a job well, at the time at which the attempt ended", async () => {
    await startJob();
    queue.clock.advance(500);
    const outcome = { kind: "exited", exit_code: 0 } as const;
    await recordEnd(queue, ATTEMPT, { outcome, endedAt: START + 300 });
    expect(queue.job(1)).toMatchObject({ state: "succeeded", ended_at: START + 300, outcome });
    expect(attempts()).toEqual([
      { number: 1, started_at: START, ended_at: START + 300, gpu_uuids: [], outcome },
    ]);
  });

  test("keeps what memory the attempt used at most", async () => {
    await startJob();
    const peak = { peak_mem_bytes: 5, peak_mem_of: "attempt" } as const;
    const outcome = { kind: "exited", exit_code: 0 } as const;
    await recordEnd(queue, ATTEMPT, { outcome, endedAt: START + 300, peak });
    expect(attempts()).toEqual([expect.objectContaining(peak)]);
  });

  const ends: readonly (readonly [AttemptEnd, string])[] = [
    [{ kind: "exited", exit_code: 3 }, "failed"],
    [{ kind: "signalled", signal: "SIGSEGV" }, "failed"],
    [{ kind: "timed-out", timeout_ms: 1000 }, "timed-out"],
    [{ kind: "failed-to-start", message: "no shell" }, "failed"],
    [{ kind: "host-oom", limit_bytes: 5 }, "failed"],
    [{ kind: "disk-full", path: "/data" }, "failed"],
    [{ kind: "no-output", silent_ms: 5 }, "failed"],
    [{ kind: "lost", message: "the box restarted" }, "lost"],
  ];
  for (const [outcome, state] of ends) {
    test(`ends a job that ${outcome.kind} as ${state}, with its outcome`, async () => {
      await startJob();
      await queue.end(1, outcome);
      expect(queue.job(1)).toMatchObject({ state, outcome, reason: null, eligible_at: null });
    });
  }

  test("ends an attempt that was only starting", async () => {
    await queue.submit(alice);
    await claimJobs(queue);
    await queue.end(1, { kind: "failed-to-start", message: "no shell" });
    expect(toldStates(queue, 1)).toEqual(["queued", "starting", "failed"]);
  });

  test("puts a failed job with retries back into the queue, later each time, then ends it", async () => {
    await startJob(2);
    await queue.end(1, FAILED);
    expect(queue.job(1)).toMatchObject({
      state: "queued",
      reason: "retry-at",
      eligible_at: START + 10_000,
      ended_at: null,
      outcome: FAILED,
    });
    expect(await nextStartTime(queue)).toBe(START + 10_000);
    expect(await queue.startAll()).toEqual([]);
    queue.clock.advance(10_000);
    expect(await nextStartTime(queue)).toBeNull();
    expect(await queue.startAll()).toEqual([1]);
    expect(queue.job(1)).toMatchObject({ attempt: 2, outcome: null, started_at: START });
    await queue.end(1, FAILED);
    expect(queue.job(1).eligible_at).toBe(START + 30_000);
    queue.clock.advance(20_000);
    await queue.startAll();
    await queue.end(1, FAILED);
    expect(queue.job(1)).toMatchObject({ state: "failed", attempt: 3 });
    expect(attempts().map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, FAILED],
      [2, FAILED],
      [3, FAILED],
    ]);
  });

  test("gives a requeued job its old place in the queue", async () => {
    await startJob(1);
    await queue.submit(alice, { resources: { cpus: 8, gpus: 0, mem_bytes: 0 } });
    await queue.submit(alice, { resources: { cpus: 8, gpus: 0, mem_bytes: 0 } });
    await queue.end(1, FAILED);
    queue.clock.advance(10_000);
    expect(await queue.startAll()).toEqual([1]);
  });

  const unchanging: readonly (readonly [string, typeof ATTEMPT])[] = [
    ["told a second time", ATTEMPT],
    ["of an attempt that never was", { jobId: 1, attempt: 2 }],
    ["of a job that never was", { jobId: 99, attempt: 1 }],
  ];
  for (const [what, attempt] of unchanging) {
    test(`changes nothing when it is ${what}`, async () => {
      await startJob();
      await queue.end(1);
      const before = [queue.row(1), attempts()];
      const news = queue.heard.length;
      await recordEnd(queue, attempt, { outcome: FAILED, endedAt: START + 999 });
      expect([queue.row(1), attempts()]).toEqual(before);
      expect(queue.heard).toHaveLength(news);
    });
  }

  test("changes nothing when the job waits for its next attempt, or is at it", async () => {
    await startJob(1);
    await queue.end(1, FAILED);
    const late = { outcome: { kind: "exited", exit_code: 0 }, endedAt: START } as const;
    await recordEnd(queue, ATTEMPT, late);
    expect(queue.job(1)).toMatchObject({ state: "queued", outcome: FAILED });
    queue.clock.advance(10_000);
    await queue.startAll();
    await recordEnd(queue, ATTEMPT, late);
    expect(queue.job(1)).toMatchObject({ state: "running", attempt: 2 });
    expect(attempts()[0]?.outcome).toEqual(FAILED);
  });

  test("takes two reports of one turn for one", async () => {
    await startJob(1);
    const end = { outcome: FAILED, endedAt: START };
    await Promise.all([recordEnd(queue, ATTEMPT, end), recordEnd(queue, ATTEMPT, end)]);
    expect(toldStates(queue, 1)).toEqual(["queued", "starting", "running", "queued"]);
  });
});

describe("recordEnd() of a job that somebody cancelled", () => {
  beforeEach(async () => {
    await startJob(5);
    await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
  });

  const ends: readonly (readonly [AttemptEnd, exitCode: number | null])[] = [
    [{ kind: "cancelled", exit_code: 143 }, 143],
    [{ kind: "exited", exit_code: 0 }, 0],
    [{ kind: "exited", exit_code: 1 }, 1],
    [{ kind: "signalled", signal: "SIGTERM" }, null],
    [{ kind: "timed-out", timeout_ms: 1000 }, null],
    [{ kind: "failed-to-start", message: "no shell" }, null],
  ];
  for (const [end, exitCode] of ends) {
    test(`says cancelled and by whom when it ${JSON.stringify(end)}, and never retries`, async () => {
      await queue.end(1, end);
      const outcome = { kind: "cancelled", by: "alice", exit_code: exitCode };
      expect(queue.job(1)).toMatchObject({ state: "cancelled", outcome });
      expect(attempts()).toMatchObject([{ outcome }]);
    });
  }

  test("says lost when it was lost, and never retries", async () => {
    await queue.end(1, { kind: "lost", message: "the box restarted" });
    expect(queue.job(1)).toMatchObject({ state: "lost", outcome: { kind: "lost" } });
  });
});

test("recordEnd() takes a cancel that nobody asked for as one by an unknown", async () => {
  await startJob(5);
  await queue.end(1, { kind: "cancelled", exit_code: 143 });
  const outcome = { kind: "cancelled", by: "unknown", exit_code: 143 };
  expect(queue.job(1)).toMatchObject({ state: "cancelled", outcome });
});
