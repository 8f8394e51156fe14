// A clock for tests that jumps ahead whenever somebody waits.
import type { Pace } from "./pace.ts";

/** A pace whose pauses take no time, and what was waited for. */
export interface TestPace extends Pace {
  /** Every pause that was asked for, in milliseconds. */
  readonly pauses: readonly number[];
}

/** Starts at 0; `random` always draws `chance`. */
export function testPace(chance = 0.999_999): TestPace {
  const pauses: number[] = [];
  let now = 0;
  return {
    pauses,
    now: () => now,
    random: () => chance,
    delay: async (ms) => {
      pauses.push(ms);
      now += ms;
      // The sockets of a test need turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
