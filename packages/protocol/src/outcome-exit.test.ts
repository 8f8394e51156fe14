// Tests of what an outcome means for the job's state and for the exit code of `ml`.
import { describe, expect, test } from "bun:test";
import { constants } from "node:os";
import type { FinalState } from "./job-state.ts";
import { exitCodeOf, finalStateOf, likelySignal } from "./outcome-exit.ts";
import { Outcome } from "./outcome.ts";

const TABLE: readonly (readonly [outcome: Outcome, state: FinalState, exitCode: number])[] = [
  [{ kind: "exited", exit_code: 0 }, "succeeded", 0],
  [{ kind: "exited", exit_code: 1 }, "failed", 1],
  [{ kind: "exited", exit_code: 42 }, "failed", 42],
  [{ kind: "exited", exit_code: 137 }, "failed", 137],
  [{ kind: "exited", exit_code: 255 }, "failed", 255],
  [{ kind: "signalled", signal: "SIGTERM" }, "failed", 143],
  [{ kind: "signalled", signal: "SIGKILL" }, "failed", 137],
  [{ kind: "timed-out", timeout_ms: 1000 }, "timed-out", 124],
  [{ kind: "cancelled", by: "alice", exit_code: 0 }, "cancelled", 1],
  [{ kind: "cancelled", by: "alice", exit_code: null }, "cancelled", 1],
  [{ kind: "preempted", by: "bob" }, "failed", 1],
  [{ kind: "failed-to-start", message: "no" }, "failed", 125],
  [{ kind: "setup", exit_code: 3 }, "failed", 125],
  [{ kind: "host-oom", limit_bytes: 1 }, "failed", 137],
  [{ kind: "disk-full", path: "/data" }, "failed", 1],
  [{ kind: "no-output", silent_ms: 1 }, "failed", 1],
  [{ kind: "lost", message: "the box restarted" }, "lost", 1],
];

describe("an outcome", () => {
  for (const [outcome, state, exitCode] of TABLE) {
    test(`${JSON.stringify(outcome)} ends the job as ${state} and the command with ${exitCode}`, () => {
      expect(finalStateOf(outcome)).toBe(state);
      expect(exitCodeOf(outcome)).toBe(exitCode);
    });
  }

  test("of every kind stands in the table above", () => {
    const kinds = Outcome.def.options.flatMap((option) => option.shape.kind.def.values);
    expect(new Set<string>(TABLE.map(([{ kind }]) => kind))).toEqual(new Set<string>(kinds));
  });

  test("gives exit code 0 exactly when the job succeeded", () => {
    for (const [outcome, state] of TABLE) {
      expect(exitCodeOf(outcome) === 0).toBe(state === "succeeded");
    }
  });
});

describe("exitCodeOf()", () => {
  /** Old names of SIGABRT and SIGIO, which nothing reports any more. */
  const SECOND_NAMES = new Set(["SIGIOT", "SIGPOLL"]);

  test("adds the number this system has for the signal to 128", () => {
    for (const [signal, number] of Object.entries(constants.signals)) {
      if (SECOND_NAMES.has(signal)) continue;
      expect([signal, exitCodeOf({ kind: "signalled", signal })]).toEqual([signal, 128 + number]);
    }
  });

  test("stays a valid exit code for a signal nobody knows", () => {
    expect(exitCodeOf({ kind: "signalled", signal: "SIGNONSENSE" })).toBe(128);
    expect(exitCodeOf({ kind: "signalled", signal: "constructor" })).toBe(128);
  });
});

describe("likelySignal()", () => {
  test("names the signal that a shell reports so, and none for what no signal makes", () => {
    expect([137, 139, 143].map(likelySignal)).toEqual(["SIGKILL", "SIGSEGV", "SIGTERM"]);
    expect([0, 1, 128, 160, 255].map(likelySignal)).toEqual([null, null, null, null, null]);
  });
});
