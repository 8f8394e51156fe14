// Tests of the scheduler over a real store and real processes.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_GUARDS, limitsOf } from "../domain/guard-rules.ts";
import { cancelJobs } from "../queue/cancel.ts";
import { claimJobs } from "../queue/claim.ts";
import { holdJob } from "../queue/hold.ts";
import { setTimeLimit } from "../store/jobs-write.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { schedulerSubject, type SchedulerSubject } from "./scheduler.fixture.ts";

let subject: SchedulerSubject;

beforeEach(async () => {
  subject = await schedulerSubject();
});

afterEach(() => subject.close());

/** A shell condition that waits for a file, and what makes the file. */
function gate(): { readonly wait: string; readonly open: () => void } {
  const file = join(subject.local.dataDir, "gate");
  return {
    wait: `until [ -e '${file}' ]; do sleep 0.02; done`,
    open: () => writeFileSync(file, ""),
  };
}

describe("Scheduler", () => {
  test("starts what was submitted before and after it was started, and records how it ends", async () => {
    const before = await subject.submit("exit 0");
    await subject.start();
    const after = await subject.submit("exit 3");
    expect((await subject.reached(before, "succeeded")).outcome).toEqual({
      kind: "exited",
      exit_code: 0,
    });
    expect((await subject.reached(after, "failed")).outcome).toEqual({
      kind: "exited",
      exit_code: 3,
    });
  });

  test("starts no more at a time than fit, and the next when one ends", async () => {
    const { wait, open } = gate();
    await subject.start();
    const first = await subject.submit(wait);
    const second = await subject.submit(wait);
    const third = await subject.submit("true");
    await subject.reached(first, "running");
    await subject.reached(second, "running");
    expect(subject.job(third)).toMatchObject({ state: "queued", reason: "resources" });
    open();
    await subject.reached(third, "succeeded");
  });

  test("a claim that finds no room takes what queued the job with it once, and no later work", async () => {
    const { db } = subject.queue;
    await subject.start();
    // As SQLite does on a full disk: the whole transaction is undone.
    const full = "SELECT RAISE(ROLLBACK, 'database or disk is full')";
    await db.write(() =>
      db.run(`CREATE TEMP TRIGGER full BEFORE INSERT ON main.attempts BEGIN ${full}; END`),
    );
    expect(await rejectionOf(subject.submit("true"))).toBeInstanceOf(Error);
    const kept = await subject.submit("true");
    const later = await subject.submit("true");
    expect(subject.job(kept).state).toBe("queued");
    await db.write(() => db.run("DROP TRIGGER full"));
    await subject.submit("true");
    await subject.reached(kept, "succeeded");
    await subject.reached(later, "succeeded");
  });

  test("claims a job in the commit that queues it, and the next in the commit that ends one", async () => {
    await subject.start();
    const first = await subject.submit("exit 0");
    expect(subject.job(first).state).toBe("starting");
    const [second, third] = await Promise.all([
      subject.submit("sleep 0.2"),
      subject.submit("exit 0"),
    ]);
    expect(subject.job(third).state).toBe("queued");
    const atTheEnd = new Promise((resolve) => {
      subject.queue.news.listen((item) => {
        if (item.kind === "attempt-ended") resolve(subject.job(third).state);
      });
    });
    expect(await atTheEnd).toBe("starting");
    await subject.reached(second, "succeeded");
    await subject.reached(third, "succeeded");
  });

  test("commits twice for a job that is over at once: its claim with its submit, and its end", async () => {
    await subject.start();
    let commits = 0;
    subject.queue.db.onCommit = () => commits++;
    const id = await subject.submit("exit 0");
    await subject.reached(id, "succeeded");
    // On a busy machine it may be seen to run, which takes one more.
    expect([2, 3]).toContain(commits);
  });

  test("leaves held jobs alone until they are released", async () => {
    await subject.start();
    const held = await subject.submit("true", { hold: true });
    const later = await subject.submit("true");
    await subject.reached(later, "succeeded");
    expect(subject.job(held)).toMatchObject({ state: "queued", reason: "held" });
    await holdJob(subject.queue, subject.alice, { ref: String(held), held: false });
    await subject.reached(held, "succeeded");
  });

  test("ends a job that is cancelled, whenever the cancel comes", async () => {
    await subject.start();
    const id = await subject.submit("exec sleep 600");
    await cancelJobs(subject.queue, subject.alice, { jobs: [String(id)], graceMs: 15_000 });
    const running = await subject.submit("exec sleep 600");
    await subject.reached(running, "running");
    await cancelJobs(subject.queue, subject.alice, { jobs: [String(running)], graceMs: 15_000 });
    expect((await subject.reached(id, "cancelled")).outcome).toMatchObject({
      kind: "cancelled",
      by: "alice",
    });
    expect((await subject.reached(running, "cancelled")).outcome).toMatchObject({
      kind: "cancelled",
      by: "alice",
    });
  });

  test("puts a failed job with retries back into the queue, to start later", async () => {
    await subject.start();
    const id = await subject.submit("exit 9", { retries: 1 });
    const queued = await new Promise<unknown>((resolve) => {
      subject.queue.news.listen((item) => {
        if (item.kind === "job-changed" && item.job.id === id && item.job.outcome !== null)
          resolve(item.job);
      });
    });
    expect(queued).toMatchObject({
      state: "queued",
      reason: "retry-at",
      attempt: 1,
      eligible_at: expect.any(Number),
      outcome: { kind: "exited", exit_code: 9 },
    });
  });
});

describe("a Scheduler after a restart", () => {
  test("adopts what runs and records its end", async () => {
    const { wait, open } = gate();
    const first = await subject.start();
    const id = await subject.submit(`${wait}; exit 5`);
    await subject.reached(id, "running");
    await first.stop();
    await subject.start();
    expect(subject.job(id).state).toBe("running");
    open();
    expect((await subject.reached(id, "failed")).outcome).toEqual({ kind: "exited", exit_code: 5 });
  });

  test("records what ended meanwhile", async () => {
    const { wait, open } = gate();
    const first = await subject.start();
    const id = await subject.submit(`${wait}; exit 6`);
    await subject.reached(id, "running");
    await first.stop();
    open();
    while ((await subject.local.executor.observe([{ jobId: id, attempt: 1 }]))[0]?.kind !== "ended")
      await Bun.sleep(10);
    await subject.start();
    expect(subject.job(id)).toMatchObject({
      state: "failed",
      outcome: { kind: "exited", exit_code: 6 },
    });
  });

  test("starts once what was claimed and never started", async () => {
    const ran = join(subject.local.dataDir, "ran");
    const id = await subject.submit(`echo once >> '${ran}'`);
    await claimJobs(subject.queue);
    expect(subject.job(id).state).toBe("starting");
    await subject.start();
    await subject.reached(id, "succeeded");
    expect(await Bun.file(ran).text()).toBe("once\n");
  });

  test("holds what it adopts to the time that the store has for it", async () => {
    const first = await subject.start();
    const id = await subject.submit("exec sleep 600");
    await subject.reached(id, "running");
    await first.stop();
    // As an edit does whose server died before it told the executor.
    await subject.queue.db.write(() => setTimeLimit(subject.queue.db, id, 300));
    await subject.start();
    expect((await subject.reached(id, "timed-out")).outcome).toEqual({
      kind: "timed-out",
      timeout_ms: 300,
    });
  });

  test("goes on with a cancel that was asked for and not carried out", async () => {
    const first = await subject.start();
    const id = await subject.submit("exec sleep 600");
    await subject.reached(id, "running");
    await first.stop();
    await cancelJobs(subject.queue, subject.alice, { jobs: [String(id)], graceMs: 15_000 });
    await subject.start();
    await subject.reached(id, "cancelled");
  });

  test("ends what lives although the store knows nothing of it", async () => {
    const mark = join(subject.local.dataDir, "mark");
    await subject.local.executor.start({
      jobId: 77,
      attempt: 1,
      jobName: "stray",
      user: "alice",
      userId: 1,
      command: { shell: `touch '${mark}'; exec sleep 600`, args: [] },
      cwd: "",
      env: {},
      snapshot: null,
      gpuUuids: [],
      mounts: [],
      secrets: [],
      setup: null,
      timeoutMs: null,
      memBytes: 0,
      cpus: 1,
      limits: limitsOf(null, DEFAULT_GUARDS),
      resume: false,
    });
    while (!existsSync(mark)) await Bun.sleep(10);
    await subject.start();
    while ((await subject.local.executor.alive()).length > 0) await Bun.sleep(10);
    expect((await subject.local.executor.observe([{ jobId: 77, attempt: 1 }]))[0]).toMatchObject({
      kind: "ended",
    });
  });
});
