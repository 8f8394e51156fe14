// Slows down whoever shows wrong keys, without ever standing in the way of a right one.
import type { Clock } from "../domain/clock.ts";

/** Failures that may come at once, from one address and for one key id. */
const BURST = 20;

/** Time after which one more failure is answered in full. */
const REFILL_MS = 3_000;

/** Most addresses and key ids remembered; the one longest silent is forgotten first. */
const MOST_REMEMBERED = 10_000;

interface Budget {
  left: number;
  at: number;
}

/** Counts failures by address and by key id. Only failures are counted, so a valid key never waits for others'. */
export class FailureLimit {
  readonly #clock: Clock;
  readonly #budgets = new Map<string, Budget>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Notes a failure. Answers 0 while the budgets last, else the milliseconds until the next failure is answered in full.
   * @param keyId of the key that was shown, where what was shown has one.
   */
  note(address: string, keyId: string | null): number {
    const budgets = [this.#budget(`address ${address}`)];
    if (keyId !== null) budgets.push(this.#budget(`key ${keyId}`));
    const short = Math.min(...budgets.map((budget) => budget.left));
    if (short < 1) return Math.ceil((1 - short) * REFILL_MS);
    for (const budget of budgets) budget.left -= 1;
    return 0;
  }

  #budget(name: string): Budget {
    const now = this.#clock.now();
    const known = this.#budgets.get(name);
    const budget = known ?? { left: BURST, at: now };
    budget.left = Math.min(BURST, budget.left + Math.max(0, now - budget.at) / REFILL_MS);
    budget.at = now;
    // Put at the end, so that the map's order is that of last use.
    this.#budgets.delete(name);
    this.#budgets.set(name, budget);
    if (this.#budgets.size > MOST_REMEMBERED) {
      const oldest = this.#budgets.keys().next().value;
      if (oldest !== undefined) this.#budgets.delete(oldest);
    }
    return budget;
  }
}
