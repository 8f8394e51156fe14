// What every executor must do to end attempts: cancel, time limit, and both across a restart.
import { expect, test } from "bun:test";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import {
  attemptSpec,
  type ConformanceSubject,
  ended,
  observeOne,
  ready,
  shellSpec,
  waitFor,
} from "./attempt.fixture.ts";

/** Defines the tests; the subject is a fresh one in each. */
export function testEnds(subject: () => ConformanceSubject): void {
  /** Starts an attempt and waits for its end. */
  async function run(spec: AttemptSpec) {
    await subject().executor.start(spec);
    return ended(subject().executor, spec);
  }

  test("cancel() sends TERM, and the exit code of a job that handles it is kept", async () => {
    const spec = shellSpec(
      "trap 'echo checkpoint; exit 5' TERM; echo ready; while :; do sleep 0.05; done",
    );
    await subject().executor.start(spec);
    await ready(subject(), spec);
    await subject().executor.cancel(spec, 15_000);
    const { outcome } = await ended(subject().executor, spec);
    expect(outcome).toEqual({ kind: "cancelled", exit_code: 5 });
    expect(await subject().log(spec)).toEndWith("checkpoint\n");
  });

  test("cancel() sends KILL when the grace is over, and a second one may only shorten it", async () => {
    const spec = shellSpec("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    await subject().executor.start(spec);
    await ready(subject(), spec);
    await subject().executor.cancel(spec, 100_000);
    await subject().executor.cancel(spec, 300);
    await subject().executor.cancel(spec, 200_000);
    const { outcome } = await ended(subject().executor, spec);
    expect(outcome).toEqual({ kind: "cancelled", exit_code: 137 });
  });

  test("cancel() with no grace sends KILL at once", async () => {
    const spec = shellSpec("trap 'echo checkpoint; exit 5' TERM; echo ready; sleep 1000");
    await subject().executor.start(spec);
    await ready(subject(), spec);
    await subject().executor.cancel(spec, 0);
    const { outcome } = await ended(subject().executor, spec);
    expect(outcome).toEqual({ kind: "cancelled", exit_code: 137 });
    expect(await subject().log(spec)).toBe("ready\n");
  });

  test("cancel() of an attempt that has not begun ends it, and it never runs", async () => {
    const spec = shellSpec("echo ran");
    await subject().executor.cancel(spec, 15_000);
    await subject().executor.start(spec);
    const { outcome } = await ended(subject().executor, spec);
    expect(outcome).toEqual({ kind: "cancelled", exit_code: null });
    expect(await subject().log(spec)).toBe("");
  });

  test("cancel() right after start() is not lost", async () => {
    const specs = Array.from({ length: 8 }, (_, at) => shellSpec("sleep 1000", { jobId: at + 1 }));
    for (const spec of specs) {
      await subject().executor.start(spec);
      await subject().executor.cancel(spec, 15_000);
    }
    for (const spec of specs) {
      expect((await ended(subject().executor, spec)).outcome).toMatchObject({ kind: "cancelled" });
    }
  });

  test("cancel() of an attempt that has ended changes nothing", async () => {
    const end = await run(attemptSpec());
    await subject().executor.cancel(attemptSpec(), 0);
    expect(await observeOne(subject().executor, attemptSpec())).toEqual(end);
  });

  test("a job over its time gets TERM and is timed out", async () => {
    const { outcome } = await run(
      shellSpec("trap 'echo checkpoint; exit 0' TERM; while :; do sleep 0.05; done", {
        timeoutMs: 500,
      }),
    );
    expect(outcome).toEqual({ kind: "timed-out", timeout_ms: 500 });
    expect(await subject().log(attemptSpec())).toEndWith("checkpoint\n");
  });

  test("setTimeout() shortens, extends and removes the limit of a running attempt", async () => {
    const spec = shellSpec("echo ready; exec sleep 1000");
    await subject().executor.start({ ...spec, jobId: 1 });
    await subject().executor.start({ ...spec, jobId: 2, timeoutMs: 1500 });
    await subject().executor.start({ ...spec, jobId: 3, timeoutMs: 1500 });
    await subject().executor.setTimeout({ jobId: 2, attempt: 2 }, 1_000_000);
    await subject().executor.setTimeout({ jobId: 3, attempt: 2 }, null);
    await subject().executor.setTimeout({ jobId: 1, attempt: 2 }, 2500);
    const { outcome } = await ended(subject().executor, { jobId: 1, attempt: 2 });
    expect(outcome).toEqual({ kind: "timed-out", timeout_ms: 2500 });
    for (const jobId of [2, 3]) {
      expect(await observeOne(subject().executor, { jobId, attempt: 2 })).toMatchObject({
        kind: "running",
      });
      await subject().executor.cancel({ jobId, attempt: 2 }, 0);
      await ended(subject().executor, { jobId, attempt: 2 });
    }
  });

  test("close() leaves attempts running, and another instance finds, tells of and cancels them", async () => {
    const spec = shellSpec("echo ready; exec sleep 1000");
    await subject().executor.start(spec);
    await ready(subject(), spec);
    await subject().executor.close();
    await subject().executor.close();
    const another = subject().another();
    expect(await another.alive()).toEqual([{ jobId: spec.jobId, attempt: spec.attempt }]);
    expect(await observeOne(another, spec)).toMatchObject({ kind: "running" });
    let told = 0;
    another.onChange(() => (told += 1));
    await another.cancel(spec, 15_000);
    await waitFor("news of the end", () => told > 0);
    const { outcome } = await ended(another, spec);
    expect(outcome).toEqual({ kind: "cancelled", exit_code: 143 });
    await waitFor("an empty box", async () => (await another.alive()).length === 0);
  });
}
