// Time and chance as whoever waits needs them; tests hand in their own.

/** Tells the time, waits, and draws lots. */
export interface Pace {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Resolves after that many milliseconds. */
  delay(ms: number): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** The machine's clock and generator. */
export const systemPace: Pace = {
  now: () => performance.now(),
  delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
};
