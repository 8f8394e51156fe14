// What every executor must do to hold attempts to their bounds, also after a restart of the server.
import { expect, test } from "bun:test";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import type { AttemptLimits } from "../domain/guard-rules.ts";
import {
  attemptSpec,
  type ConformanceSubject,
  ended,
  observeOne,
  ready,
  shellSpec,
  waitFor,
} from "./attempt.fixture.ts";

const MIB = 1024 ** 2;

/** Defines the tests; the subject is a fresh one in each. */
export function testGuards(subject: () => ConformanceSubject): void {
  const limited = (shell: string, limits: Partial<AttemptLimits>): AttemptSpec =>
    shellSpec(shell, { limits: { ...attemptSpec().limits, ...limits } });

  test("a job that writes nothing for too long is warned of, gets TERM, and is told of as no-output", async () => {
    const { executor } = subject();
    const spec = limited("trap 'echo checkpoint; exit 0' TERM; while :; do sleep 0.05; done", {
      noOutputMs: 1500,
    });
    await executor.start(spec);
    const silence = await waitFor("the warning", () => executor.silence(spec));
    expect(silence.limitMs).toBe(1500);
    expect(silence.silentMs).toBeGreaterThanOrEqual(750);
    expect((await ended(executor, spec)).outcome).toEqual({ kind: "no-output", silent_ms: 1500 });
    expect(await subject().log(spec)).toEndWith("checkpoint\n");
    expect(executor.silence(spec)).toBeNull();
  });

  test("a job that goes on writing is not silent, however long it runs", async () => {
    const spec = limited("for i in 1 2 3 4 5 6 7 8 9 10 11; do echo $i; sleep 0.3; done", {
      noOutputMs: 2500,
    });
    await subject().executor.start(spec);
    expect((await ended(subject().executor, spec)).outcome).toEqual({
      kind: "exited",
      exit_code: 0,
    });
  });

  test("an adopted attempt is still held to its silence", async () => {
    const spec = limited("echo ready; exec sleep 1000", { noOutputMs: 3000 });
    await subject().executor.start(spec);
    await ready(subject(), spec);
    await subject().executor.close();
    const another = subject().another();
    expect(await observeOne(another, spec)).toMatchObject({ kind: "running" });
    expect((await ended(another, spec)).outcome).toEqual({ kind: "no-output", silent_ms: 3000 });
  });

  const FOLDERS = { outputs: "ML_OUTPUT_DIR", checkpoints: "ML_CHECKPOINT_DIR" };
  for (const [folder, variable] of Object.entries(FOLDERS)) {
    test(`a job that takes too much of the disk is ended, and its ${folder} are named`, async () => {
      const spec = limited(`head -c ${4 * MIB} /dev/zero > "$${variable}/a"; exec sleep 1000`, {
        maxDiskBytes: 2 * MIB,
      });
      await subject().executor.start(spec);
      const { outcome } = await ended(subject().executor, spec);
      expect(outcome).toMatchObject({
        kind: "disk-full",
        path: folder,
        limit_bytes: 2 * MIB,
        exit_code: 143,
      });
      expect(outcome.kind === "disk-full" ? outcome.used_bytes : 0).toBeGreaterThan(2 * MIB);
    });
  }

  test("an adopted attempt is held to its part of the disk, also to what it took while nobody looked", async () => {
    const spec = limited(
      `echo ready; sleep 1; head -c ${4 * MIB} /dev/zero > big; echo full; exec sleep 1000`,
      { maxDiskBytes: 2 * MIB },
    );
    await subject().executor.start(spec);
    await ready(subject(), spec);
    await subject().executor.close();
    await waitFor("the full disk", async () => (await subject().log(spec)).includes("full"));
    const another = subject().another();
    expect(await observeOne(another, spec)).toMatchObject({ kind: "running" });
    expect((await ended(another, spec)).outcome).toMatchObject({ kind: "disk-full", path: "work" });
  });

  test("a job that stays below its part of the disk is left alone", async () => {
    const spec = limited(`head -c ${MIB} /dev/zero > a; rm a; sleep 0.5`, {
      maxDiskBytes: 2 * MIB,
    });
    await subject().executor.start(spec);
    expect((await ended(subject().executor, spec)).outcome).toEqual({
      kind: "exited",
      exit_code: 0,
    });
  });

  test("a job that is warned of can still be cancelled, and that is how it ended", async () => {
    const spec = limited("trap '' TERM; echo ready; while :; do sleep 0.05; done", {
      noOutputMs: 3000,
    });
    await subject().executor.start(spec);
    await waitFor("the warning", () => subject().executor.silence(spec));
    await subject().executor.cancel(spec, 0);
    expect((await ended(subject().executor, spec)).outcome).toMatchObject({ kind: "cancelled" });
  });
}
