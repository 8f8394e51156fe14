// The symbols that a pasted or typed text means, once everything that chats add to a key is taken away.

import { symbolValues } from "./api-key-alphabet.ts";
import { checksumHolds } from "./api-key-checksum.ts";
import { API_KEY_BODY_LENGTH } from "./api-key.ts";

/** More symbols than this are not normalised, because nothing so long is near to a key. */
export const LONGEST_SYMBOLS = 512;

/** `fetchml_` as {@link readSymbols} gives it: its `l` read as a digit, its underscore dropped as a separator. */
export const READ_PREFIX = "fetchm1";

/**
 * The symbols of the text as a key would spell them, {@link READ_PREFIX} still before them if it was there, with
 * whatever the text holds that no key has; `undefined` for a text of more than 65,536 code units. A text of more than
 * {@link LONGEST_SYMBOLS} loses its separators only.
 */
export function readSymbols(text: string): string | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const kept = text.replace(SEPARATORS, "");
  // NFKC can take quadratic time over many marks.
  if (kept.length > LONGEST_SYMBOLS) return kept;
  const normal = kept.normalize("NFKC").replace(SEPARATORS, "");
  return readLetters(normal.replace(/[.,;:!?]+$/, ""));
}

/** Small ASCII letters, with `o` as `0`, `i` and `l` as `1`. */
export function readLetters(text: string): string {
  return text
    .replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase())
    .replaceAll("o", "0")
    .replace(/[il]/g, "1");
}

/** The symbols after the prefix, or all of them when there is none. */
export function withoutPrefix(symbols: string): string {
  return symbols.startsWith(READ_PREFIX) ? symbols.slice(READ_PREFIX.length) : symbols;
}

/** Whether these are the 36 symbols of a key, checksum and all. */
export function isKeyBody(symbols: string): boolean {
  if (symbols.length !== API_KEY_BODY_LENGTH) return false;
  const values = symbolValues(symbols);
  return values !== undefined && checksumHolds(values);
}

const LONGEST_TEXT = 65_536;

// Dashes: Pd, minus signs and the hyphen bullet. Quotes: Pi and Pf, the straight ones, primes, accents typed as quotes.
const SEPARATORS =
  /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Pd}\u2212\u2043\u02d7\p{Pc}\p{Pi}\p{Pf}"'`\u00b4\u02b9-\u02bc\u2032-\u2037\p{Ps}\p{Pe}<>*\\|~]+/gu;
