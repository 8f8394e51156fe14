// Tests of what follows the end of an attempt.
import { describe, expect, test } from "bun:test";
import { DEFAULT_RETRY_ON, isLegalMove, RETRY_CAUSES, type Outcome } from "@fetchml/protocol";
import { afterAttempt, retryDelayMs } from "./job-lifecycle.ts";

const NOW = 1_000_000;
const AT = { now: NOW, random: 0 };

/** A job that is started again after what jobs are started again after unless they say otherwise. */
const job = (attempt: number, retries: number, retryOn = DEFAULT_RETRY_ON) => ({
  attempt,
  retries,
  retryOn,
});

const RETRIED: readonly Outcome[] = [
  { kind: "exited", exit_code: 1 },
  { kind: "signalled", signal: "SIGSEGV" },
  { kind: "host-oom", limit_bytes: null },
  { kind: "lost", message: "the box restarted" },
];

const RETRIED_WHEN_SAID: readonly Outcome[] = [
  { kind: "failed-to-start", message: "no shell" },
  { kind: "setup", exit_code: 1 },
  { kind: "timed-out", timeout_ms: 1000 },
  { kind: "disk-full", path: "/data" },
  { kind: "no-output", silent_ms: 1000 },
];

const NEVER_RETRIED: readonly Outcome[] = [
  { kind: "exited", exit_code: 0 },
  { kind: "cancelled", by: "alice", exit_code: null },
  { kind: "preempted", by: "admin" },
];

describe("afterAttempt()", () => {
  for (const outcome of RETRIED) {
    test(`requeues a job that ${outcome.kind} while it has retries left`, () => {
      expect(afterAttempt(job(1, 1), outcome, AT)).toEqual({
        kind: "requeued",
        eligible_at: NOW + 10_000,
      });
    });

    test(`ends a job that ${outcome.kind} when its retries are used up, or it said other ends`, () => {
      const state = outcome.kind === "lost" ? "lost" : "failed";
      expect(afterAttempt(job(2, 1), outcome, AT)).toEqual({ kind: "ends", state });
      expect(afterAttempt(job(1, 0), outcome, AT).kind).toBe("ends");
      expect(afterAttempt(job(1, 9, ["timed-out"]), outcome, AT).kind).toBe("ends");
    });
  }

  for (const outcome of RETRIED_WHEN_SAID) {
    test(`ends a job that ${outcome.kind} unless it said to go on after that`, () => {
      expect(afterAttempt(job(1, 9), outcome, AT).kind).toBe("ends");
      expect(afterAttempt(job(1, 9, RETRY_CAUSES), outcome, AT).kind).toBe("requeued");
    });
  }

  for (const outcome of NEVER_RETRIED) {
    test(`ends a job that ${outcome.kind} for good, whatever it said`, () => {
      expect(afterAttempt(job(1, 9, RETRY_CAUSES), outcome, AT).kind).toBe("ends");
    });
  }

  test("gives a job as many attempts as retries and one", () => {
    const outcome: Outcome = { kind: "exited", exit_code: 3 };
    const kinds = [1, 2, 3, 4].map((attempt) => afterAttempt(job(attempt, 3), outcome, AT).kind);
    expect(kinds).toEqual(["requeued", "requeued", "requeued", "ends"]);
  });

  test("leads only where a running or starting job may go", () => {
    for (const outcome of [...RETRIED, ...RETRIED_WHEN_SAID, ...NEVER_RETRIED]) {
      for (const retries of [0, 1]) {
        const next = afterAttempt(job(1, retries, RETRY_CAUSES), outcome, AT);
        const state = next.kind === "ends" ? next.state : "queued";
        expect(isLegalMove("running", state)).toBe(true);
        expect(isLegalMove("starting", state)).toBe(true);
      }
    }
  });
});

describe("retryDelayMs()", () => {
  test("begins at 10 s and doubles", () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, 0))).toEqual([
      10_000, 20_000, 40_000, 80_000,
    ]);
  });

  test("never goes over an hour, even after a thousand attempts", () => {
    expect(retryDelayMs(9, 0)).toBe(2_560_000);
    for (const attempt of [10, 100, 1001, 5000]) expect(retryDelayMs(attempt, 0)).toBe(3_600_000);
  });

  test("is shortened by chance, to a half at most", () => {
    expect(retryDelayMs(1, 0.5)).toBe(7500);
    expect(retryDelayMs(1, 0.999_999)).toBe(5000);
    expect(retryDelayMs(5000, 0.999_999)).toBe(1_800_002);
  });
});
