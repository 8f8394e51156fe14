// The format of an API key: made, and read strictly.

import { symbolsOf, symbolValues } from "./api-key-alphabet.ts";
import { CHECKSUM_LENGTH, checksumHolds, checksumOf } from "./api-key-checksum.ts";

/** How every key begins. */
export const API_KEY_PREFIX = "fetchml_";

/** Symbols in the public id of a key. */
export const API_KEY_ID_LENGTH = 4;

/** Symbols in the secret: 26 of five bits, 130 bits. */
export const API_KEY_SECRET_LENGTH = 26;

/** Symbols after the prefix: id, secret and checksum. */
export const API_KEY_BODY_LENGTH = API_KEY_ID_LENGTH + API_KEY_SECRET_LENGTH + CHECKSUM_LENGTH;

/** Characters in a whole key. */
export const API_KEY_LENGTH = API_KEY_PREFIX.length + API_KEY_BODY_LENGTH;

/** The strict form, checksum not looked at. */
export const API_KEY_PATTERN = /^fetchml_[0-9a-hjkmnp-tv-z]{36}$/;

/** The form of a key id. */
export const API_KEY_ID_PATTERN = /^[0-9a-hjkmnp-tv-z]{4}$/;

/** A source of randomness: gives exactly `count` bytes, each uniform. For real keys the system's generator. */
export type RandomBytes = (count: number) => Uint8Array;

/** What {@link parseApiKey} found: the public id, or why the text is no key (`form`: not the strict spelling). */
export type ParsedApiKey =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly problem: "form" | "checksum" };

/**
 * Reads a key in its one strict spelling: what a server accepts. For what a person pasted see `normaliseApiKey`.
 * Constant work for text of any length that is not 44 characters long.
 */
export function parseApiKey(text: string): ParsedApiKey {
  if (text.length !== API_KEY_LENGTH || !text.startsWith(API_KEY_PREFIX)) {
    return { ok: false, problem: "form" };
  }
  const values = symbolValues(text.slice(API_KEY_PREFIX.length));
  if (values === undefined) return { ok: false, problem: "form" };
  if (!checksumHolds(values)) return { ok: false, problem: "checksum" };
  return {
    ok: true,
    id: text.slice(API_KEY_PREFIX.length, API_KEY_PREFIX.length + API_KEY_ID_LENGTH),
  };
}

/**
 * The public id inside anything that has the strict form; the checksum is not looked at, so a mistyped key can be
 * named too. `undefined` for any other text.
 */
export function keyIdOf(key: string): string | undefined {
  if (!API_KEY_PATTERN.test(key)) return undefined;
  return key.slice(API_KEY_PREFIX.length, API_KEY_PREFIX.length + API_KEY_ID_LENGTH);
}

/** A random key id, 20 bits. The caller makes sure that no other key has it. @throws RangeError too few bytes came */
export function generateKeyId(randomBytes: RandomBytes): string {
  return symbolsOf(draw(randomBytes, API_KEY_ID_LENGTH));
}

/**
 * Makes a key with this id and a fresh secret of 130 bits.
 *
 * @throws RangeError the id has not the form of one, or the source gave too few bytes: both are bugs of the caller,
 *   and a key made all the same would be weak
 */
export function generateApiKey(from: {
  readonly id: string;
  readonly randomBytes: RandomBytes;
}): string {
  const id = API_KEY_ID_PATTERN.test(from.id) ? symbolValues(from.id) : undefined;
  if (id === undefined) throw new RangeError("A key id is four symbols of the key alphabet");
  const payload = new Uint8Array(API_KEY_ID_LENGTH + API_KEY_SECRET_LENGTH);
  payload.set(id);
  payload.set(
    draw(from.randomBytes, API_KEY_SECRET_LENGTH).map((byte) => byte & 31),
    API_KEY_ID_LENGTH,
  );
  return API_KEY_PREFIX + symbolsOf(payload) + symbolsOf(checksumOf(payload));
}

function draw(randomBytes: RandomBytes, count: number): Uint8Array {
  const bytes = randomBytes(count);
  // A short answer must never become a secret that ends in zeros.
  if (bytes.length !== count) throw new RangeError(`Asked for ${count} random bytes`);
  return bytes;
}
