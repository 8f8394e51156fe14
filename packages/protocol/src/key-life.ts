// How long keys live.

/** A hundred years, in milliseconds: whoever wants longer means for ever. */
export const LONGEST_KEY_LIFE_MS = 36_525 * 86_400_000;
