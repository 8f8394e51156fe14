// Tests of the states of a job and the moves between them.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  FINAL_STATES,
  isFinal,
  isLegalMove,
  JOB_MOVES,
  JOB_STATES,
  type JobState,
} from "./job-state.ts";

describe("JOB_MOVES", () => {
  test("leads out of no final state", () => {
    for (const state of FINAL_STATES) expect(JOB_MOVES[state]).toEqual([]);
  });

  test("leads out of every other state, and to a final one in the end", () => {
    for (const state of JOB_STATES) {
      expect([...reachableFrom(state)].some(isFinal)).toBe(true);
    }
  });

  test("leads from queued to every state", () => {
    expect(reachableFrom("queued")).toEqual(new Set(JOB_STATES));
  });

  test("leads from no state to itself and names none twice", () => {
    for (const state of JOB_STATES) {
      expect(JOB_MOVES[state]).not.toContain(state);
      expect(new Set(JOB_MOVES[state]).size).toBe(JOB_MOVES[state].length);
    }
  });

  test("lets a cancel end in nothing but cancelled or lost", () => {
    expect(JOB_MOVES.cancelling).toEqual(["cancelled", "lost"]);
  });

  test("lets a queued job be started or cancelled and nothing else", () => {
    expect(JOB_MOVES.queued).toEqual(["starting", "cancelled"]);
  });

  test("lets only a started job go back to the queue", () => {
    const back = JOB_STATES.filter((state) => isLegalMove(state, "queued"));
    expect(back).toEqual(["starting", "running"]);
  });
});

describe("isLegalMove()", () => {
  const anyState = fc.constantFrom(...JOB_STATES);

  test("agrees with the table for every pair of states", () => {
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        expect(isLegalMove(from, to)).toBe(JOB_MOVES[from].includes(to));
      }),
    );
  });

  test("ends every walk for good at its first final state", () => {
    fc.assert(
      fc.property(fc.array(anyState, { maxLength: 60 }), (wishes) => {
        let state: JobState = "queued";
        let hasEnded = false;
        for (const wish of wishes) {
          if (!isLegalMove(state, wish)) continue;
          expect(hasEnded).toBe(false);
          state = wish;
          hasEnded = isFinal(state);
        }
      }),
    );
  });
});

describe("isFinal()", () => {
  test("is true of exactly the states that FINAL_STATES lists", () => {
    expect(JOB_STATES.filter(isFinal)).toEqual([...FINAL_STATES]);
  });
});

function reachableFrom(start: JobState): Set<JobState> {
  const seen = new Set<JobState>([start]);
  for (const state of seen) for (const next of JOB_MOVES[state]) seen.add(next);
  return seen;
}
