// The 32 symbols an API key is written in, and their values.

/** Crockford base32 in value order: a symbol's value, 0 to 31, is its place in this string. No `i`, `l`, `o`, `u`. */
export const API_KEY_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** The value of one symbol, 0 to 31, by its character code; `undefined` for any other character, capitals too. */
export function symbolValue(code: number): number | undefined {
  // No table: `ml` reads one key in its life, and would fill the table at every start.
  const value = API_KEY_ALPHABET.indexOf(String.fromCharCode(code));
  return value === -1 ? undefined : value;
}

/** The values of all symbols of `text`; `undefined` as soon as one character is not in the alphabet. */
export function symbolValues(text: string): Uint8Array | undefined {
  const values = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) {
    const value = symbolValue(text.charCodeAt(place));
    if (value === undefined) return undefined;
    values[place] = value;
  }
  return values;
}

/** Writes values as symbols. Only the low five bits of each count, so random bytes can be given as they are. */
export function symbolsOf(values: Uint8Array): string {
  let text = "";
  for (const value of values) text += API_KEY_ALPHABET.charAt(value & 31);
  return text;
}
