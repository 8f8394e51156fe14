// Sample keys for tests, made anew in each run so that none stands in the tree.

import * as fc from "fast-check";
import { generateApiKey, generateKeyId, type RandomBytes } from "./api-key.ts";

/** The one real-looking key that the tree may hold, with its id and its hash: the test vector of the format. */
export const TEST_VECTOR = {
  key: "fetchml_kpazxttmnfwpqvn7htakzj9hnk67xw0errda",
  id: "kpaz",
  hash: "3b73a1d6cac58c6255220b64aae09813f2f193199913faaf784c6c8a8cbc4681",
} as const;

/** Bytes that look random and are the same for the same seed (mulberry32). */
export function seededBytes(seed: number): RandomBytes {
  let state = seed;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return (mixed ^ (mixed >>> 14)) >>> 24;
    });
}

/** The key that this seed makes. */
export function sampleKey(seed: number): string {
  const randomBytes = seededBytes(seed);
  return generateApiKey({ id: generateKeyId(randomBytes), randomBytes });
}

/** Any valid key, with every id and secret equally likely. */
export const anyKey: fc.Arbitrary<string> = fc
  .tuple(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 26, maxLength: 26 }),
  )
  .map(([id, secret]) =>
    generateApiKey({ id: generateKeyId(() => id), randomBytes: () => secret }),
  );

/** The key with another character at this place, counted from 0. */
export function withCharacter(key: string, place: number, character: string): string {
  return key.slice(0, place) + character + key.slice(place + 1);
}

/** The nine groups of four after the prefix. */
export function groupsOf(key: string): readonly string[] {
  return Array.from({ length: 9 }, (_, group) => key.slice(8 + 4 * group, 12 + 4 * group));
}
