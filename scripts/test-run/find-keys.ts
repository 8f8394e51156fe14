// Finds API keys in bytes, in every form in which one could lie about in a file.

import { API_KEY_LENGTH, API_KEY_PREFIX, parseApiKey } from "@fetchml/protocol";

/** The keys in the bytes, in the strict form: written plainly, in capitals, in UTF-16 of either order, or in base64. */
export function findKeys(bytes: Buffer): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { needle, read } of FORMS) {
    for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
      const key = read(bytes, at);
      if (key !== undefined && parseApiKey(key).ok) found.add(key);
    }
  }
  return found;
}

/** Bytes that the longest form of a key takes: what is searched in pieces must overlap by as many. */
export const LONGEST_FORM = 2 * API_KEY_LENGTH;

interface Form {
  readonly needle: Buffer;
  /** What stands where the needle was found, as a key would be written plainly. */
  readonly read: (bytes: Buffer, at: number) => string | undefined;
}

const plain: Form["read"] = (bytes, at) =>
  bytes.toString("latin1", at, at + API_KEY_LENGTH).toLowerCase();

// The same bytes begin a key in little-endian and, one byte later, in big-endian UTF-16.
const wide: Form["read"] = (bytes, at) => {
  const text = bytes.toString("latin1", at, at + 2 * API_KEY_LENGTH - 1);
  return text.replaceAll("\0", "").toLowerCase();
};

const FORMS: readonly Form[] = [
  { needle: Buffer.from(API_KEY_PREFIX), read: plain },
  { needle: Buffer.from(API_KEY_PREFIX.toUpperCase()), read: plain },
  { needle: Buffer.from(API_KEY_PREFIX, "utf16le"), read: wide },
  ...[0, 1, 2].map(base64Form),
];

/** Base64 depends on where in a group of three bytes the key begins: each place has its own spelling. */
function base64Form(place: number): Form {
  const before = "\0".repeat(place);
  const whole = Buffer.from(before + API_KEY_PREFIX).toString("base64");
  // The first symbol or two depend on what stands before the key, the last on what follows.
  const from = Math.ceil((place * 8) / 6);
  const needle = Buffer.from(whole.slice(from, Math.floor(((place + 8) * 8) / 6)));
  return {
    needle,
    read: (bytes, at) => {
      const groups = bytes.toString("latin1", at - from, at - from + 64);
      return Buffer.from(groups, "base64")
        .subarray(place, place + API_KEY_LENGTH)
        .toString("latin1");
    },
  };
}
