// Time as it is handed to whoever needs it.

/** Tells the time; tests hand in their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}
