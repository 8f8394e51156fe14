// Finds API keys in files, so that none leaves the machine by mistake.

import { symbolValue } from "./api-key-alphabet.ts";
import { checksumHolds } from "./api-key-checksum.ts";
import {
  API_KEY_BODY_LENGTH,
  API_KEY_ID_LENGTH,
  API_KEY_LENGTH,
  API_KEY_PREFIX,
} from "./api-key.ts";

/**
 * The public id of the first key in the strict form and with a right checksum; `undefined` when there is none. What
 * stands around the key does not matter. Bytes are searched as ASCII (so UTF-8 too) and as UTF-16 of either order,
 * which is what `>` writes in Windows PowerShell. Compressed or encoded keys are not found.
 *
 * @param data is not changed and not kept
 */
export function findApiKeyId(data: Uint8Array | string): string | undefined {
  const bytes =
    typeof data === "string"
      ? Buffer.from(data, "utf8")
      : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (const { needle, stride } of SPELLINGS) {
    let at = bytes.indexOf(needle);
    while (at !== -1) {
      const id = idAt(bytes, at + needle.length, stride);
      if (id !== undefined) return id;
      at = bytes.indexOf(needle, at + needle.length);
    }
  }
  return undefined;
}

/** Whether `data` holds an API key, as {@link findApiKeyId} finds it. */
export function containsApiKey(data: Uint8Array | string): boolean {
  return findApiKeyId(data) !== undefined;
}

/**
 * The same search over a stream. Give every chunk in order; the answer is the id of the first key seen so far, and
 * stays. A key that is cut by the borders of chunks of any size is found. Keeps less than 100 bytes between calls.
 */
export function createApiKeyScanner(): (chunk: Uint8Array) => string | undefined {
  let found: string | undefined;
  let tail = new Uint8Array(0);
  return (chunk) => {
    // A key that began in an earlier chunk ends in the first bytes of this one: no copy of the whole is needed.
    found ??=
      findApiKeyId(Buffer.concat([tail, chunk.subarray(0, LONGEST_PART)])) ?? findApiKeyId(chunk);
    const seen = Buffer.concat([tail, chunk.subarray(-LONGEST_PART)]);
    tail = new Uint8Array(seen.subarray(-LONGEST_PART));
    return found;
  };
}

// The same bytes begin a key in little-endian and, one byte later, in big-endian UTF-16.
const SPELLINGS = [
  { needle: Buffer.from(API_KEY_PREFIX, "latin1"), stride: 1 },
  { needle: Buffer.from(API_KEY_PREFIX, "utf16le"), stride: 2 },
] as const;

// In bytes: the longest piece of a key that is not yet a key, in the widest spelling.
const LONGEST_PART = 2 * API_KEY_LENGTH - 1;

function idAt(bytes: Uint8Array, start: number, stride: 1 | 2): string | undefined {
  const values = new Uint8Array(API_KEY_BODY_LENGTH);
  let id = "";
  for (let place = 0; place < API_KEY_BODY_LENGTH; place++) {
    const code = bytes[start + place * stride];
    if (code === undefined) return undefined;
    if (stride === 2 && place > 0 && bytes[start + place * stride - 1] !== 0) return undefined;
    const value = symbolValue(code);
    if (value === undefined) return undefined;
    values[place] = value;
    if (place < API_KEY_ID_LENGTH) id += String.fromCharCode(code);
  }
  return checksumHolds(values) ? id : undefined;
}
