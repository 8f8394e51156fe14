// Tests of what follows the end of an attempt.
import { describe, expect, test } from "bun:test";
import { isLegalMove, type Outcome } from "@fetchml/protocol";
import { afterAttempt, retryDelayMs } from "./job-lifecycle.ts";

const NOW = 1_000_000;

const RETRIED: readonly Outcome[] = [
  { kind: "exited", exit_code: 1 },
  { kind: "signalled", signal: "SIGSEGV" },
  { kind: "failed-to-start", message: "no shell" },
  { kind: "host-oom", limit_bytes: null },
  { kind: "lost", message: "the box restarted" },
];

const NEVER_RETRIED: readonly Outcome[] = [
  { kind: "exited", exit_code: 0 },
  { kind: "timed-out", timeout_ms: 1000 },
  { kind: "cancelled", by: "alice", exit_code: null },
  { kind: "preempted", by: "admin" },
  { kind: "disk-full", path: "/data" },
  { kind: "no-output", silent_ms: 1000 },
];

describe("afterAttempt()", () => {
  for (const outcome of RETRIED) {
    test(`requeues a job that ${outcome.kind} while it has retries left`, () => {
      expect(afterAttempt({ attempt: 1, retries: 1 }, outcome, NOW)).toEqual({
        kind: "requeued",
        eligible_at: NOW + 10_000,
      });
    });

    test(`ends a job that ${outcome.kind} when its retries are used up`, () => {
      const state = outcome.kind === "lost" ? "lost" : "failed";
      expect(afterAttempt({ attempt: 2, retries: 1 }, outcome, NOW)).toEqual({
        kind: "ends",
        state,
      });
      expect(afterAttempt({ attempt: 1, retries: 0 }, outcome, NOW).kind).toBe("ends");
    });
  }

  for (const outcome of NEVER_RETRIED) {
    test(`ends a job that ${outcome.kind} for good, however many retries it has`, () => {
      expect(afterAttempt({ attempt: 1, retries: 9 }, outcome, NOW).kind).toBe("ends");
    });
  }

  test("gives a job as many attempts as retries and one", () => {
    const outcome: Outcome = { kind: "exited", exit_code: 3 };
    const kinds = [1, 2, 3, 4].map(
      (attempt) => afterAttempt({ attempt, retries: 3 }, outcome, NOW).kind,
    );
    expect(kinds).toEqual(["requeued", "requeued", "requeued", "ends"]);
  });

  test("leads only where a running or starting job may go", () => {
    for (const outcome of [...RETRIED, ...NEVER_RETRIED]) {
      for (const retries of [0, 1]) {
        const next = afterAttempt({ attempt: 1, retries }, outcome, NOW);
        const state = next.kind === "ends" ? next.state : "queued";
        expect(isLegalMove("running", state)).toBe(true);
        expect(isLegalMove("starting", state)).toBe(true);
      }
    }
  });
});

describe("retryDelayMs()", () => {
  test("begins at 10 s and doubles", () => {
    expect([1, 2, 3, 4].map(retryDelayMs)).toEqual([10_000, 20_000, 40_000, 80_000]);
  });

  test("never goes over an hour, even after a thousand attempts", () => {
    expect(retryDelayMs(9)).toBe(2_560_000);
    expect([10, 100, 1001, 5000].map(retryDelayMs)).toEqual([
      3_600_000, 3_600_000, 3_600_000, 3_600_000,
    ]);
  });
});
