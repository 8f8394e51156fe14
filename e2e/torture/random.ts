// Random choices that a seed repeats.

/** Draws from one sequence. */
export interface Random {
  /** A whole number from `least` to `most`, both possible. */
  whole(least: number, most: number): number;
  /** Whether something of that chance, 0 to 1, happens. */
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T | undefined;
  /** A sequence of its own, so that what runs side by side does not change what others draw. */
  fork(): Random;
}

/** The sequence of a seed, a whole number below 2^32. The generator is Mulberry32 by Tommy Ettinger. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    whole,
    chance: (probability) => next() < probability,
    pick: (from) => from[whole(0, from.length - 1)],
    fork: () => seededRandom(Math.floor(next() * 2 ** 32)),
  };
}
