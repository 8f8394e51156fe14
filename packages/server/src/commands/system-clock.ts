// The machine's clock, handed to everything that needs the time.
import type { Clock } from "../domain/clock.ts";

/** Tells the machine's time. */
export const systemClock: Clock = { now: () => Date.now() };
