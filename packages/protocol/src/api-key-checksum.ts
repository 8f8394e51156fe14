// The checksum of an API key: Bech32m, and where a single wrong symbol sits.

/** Symbols in a checksum. */
export const CHECKSUM_LENGTH = 6;

// BIP 350 (Bech32m) and BIP 173 (generator, hrpExpand).
const BECH32M = 0x2bc830a3;
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const HUMAN_READABLE_PART = "fetchml";

// What each value of the five bits that leave the state puts back into it.
const FEEDBACK = Int32Array.from({ length: 32 }, (_, top) =>
  GENERATOR.reduce((sum, term, bit) => ((top >>> bit) & 1 ? sum ^ term : sum), 0),
);

// Every key begins with the same part, so its share of the work is done once.
const START = hrpExpand(HUMAN_READABLE_PART).reduce(advance, 1);

/**
 * The six values that close a key.
 *
 * @param payload id and secret as values 0 to 31. The promise of the code, that any one to four wrong symbols are
 *   noticed, holds up to 75 values.
 */
export function checksumOf(payload: Uint8Array): Uint8Array {
  let state = payload.reduce(advance, START);
  for (let place = 0; place < CHECKSUM_LENGTH; place++) state = advance(state, 0);
  state ^= BECH32M;
  return Uint8Array.from(
    { length: CHECKSUM_LENGTH },
    (_, place) => (state >>> (5 * (CHECKSUM_LENGTH - 1 - place))) & 31,
  );
}

/** Whether the last six of `values` are the checksum of those before them. */
export function checksumHolds(values: Uint8Array): boolean {
  return values.reduce(advance, START) === BECH32M;
}

/**
 * The place, from 0, of the one value that must change for the checksum to hold; `undefined` when the checksum holds
 * already or one change does not mend it. Right whenever at most three symbols are wrong; with four or more it may,
 * rarely, name a place that has nothing to do with it. It never says what the value should be.
 */
export function locateWrongSymbol(values: Uint8Array): number | undefined {
  // The code is linear: what a wrong value leaves behind depends only on the difference and on its distance from the end.
  const residue = values.reduce(advance, START) ^ BECH32M;
  for (let difference = 1; difference < 32; difference++) {
    let trace = difference;
    for (let place = values.length - 1; place >= 0; place--) {
      if (trace === residue) return place;
      trace = advance(trace, 0);
    }
  }
  return undefined;
}

function advance(state: number, value: number): number {
  return ((state & 0x1ffffff) << 5) ^ value ^ (FEEDBACK[state >>> 25] ?? 0);
}

function hrpExpand(part: string): number[] {
  const codes = Array.from(part, (letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}
