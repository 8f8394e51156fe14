// Finds API keys in files, so that none leaves the machine by mistake.

import { symbolValues } from "./api-key-alphabet.ts";
import { checksumHolds } from "./api-key-checksum.ts";
import { API_KEY_ID_LENGTH, API_KEY_LENGTH, API_KEY_PREFIX } from "./api-key.ts";

/**
 * The public id of the first key with a right checksum; `undefined` when there is none. As at login capitals count like
 * small letters, `o` like `0`, `i` and `l` like `1`. What stands around the key does not matter. Bytes are searched as
 * ASCII (so UTF-8 too) and as UTF-16 of either order, which is what `>` writes in Windows PowerShell. Not found are keys that are
 * compressed or encoded, lack their prefix, or have something between their symbols.
 *
 * @param data is not changed and not kept
 */
export function findApiKeyId(data: Uint8Array | string): string | undefined {
  if (typeof data === "string" && !PREFIX_END.test(data)) return undefined;
  const bytes =
    typeof data === "string"
      ? Buffer.from(data, "utf8")
      : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let [count, last] = [0, 0];
  for (let at = bytes.indexOf(UNDERSCORE); at !== -1; at = bytes.indexOf(UNDERSCORE, at + 1)) {
    const id = idAround(bytes, at, 1) ?? idAround(bytes, at, 2);
    if (id !== undefined) return id;
    count += 1;
    if (count % FEW !== 0) continue;
    if (at - last < FEW * DENSE_BYTES) return findAmongMany(bytes, at);
    last = at;
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

// The one character of the prefix that has no case. A gigabyte of noise takes 110 ms, to hash it 560; text with an underscore in 65
// bytes would take 400 ms, and takes 100 the other way. A search that does not regard case takes ten times as long.
const UNDERSCORE = "_".charCodeAt(0);

/** With less than so many bytes between underscores each pair of {@link PREFIX_ENDS} is sought instead. */
const DENSE_BYTES = 160;

/** Over so many underscores that is looked at. */
const FEW = 64;

// In UTF-16 of either order the underscore has a zero before it.
const PREFIX_ENDS = [
  { pair: Buffer.from("l_", "latin1"), stride: 1 },
  { pair: Buffer.from("L_", "latin1"), stride: 1 },
  { pair: Buffer.from("\0_", "latin1"), stride: 2 },
] as const;

/** The same search from this place on, for bytes in which underscores are many. */
function findAmongMany(bytes: Buffer, from: number): string | undefined {
  for (const { pair, stride } of PREFIX_ENDS) {
    for (let at = bytes.indexOf(pair, from); at !== -1; at = bytes.indexOf(pair, at + 2)) {
      const id = idAround(bytes, at + 1, stride);
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

/** Lets nearly every text pass at once: a project has 50,000 names. */
const PREFIX_END = /l\0?_/i;

// In bytes: the longest piece of a key that is not yet a key, in the widest spelling.
const LONGEST_PART = 2 * API_KEY_LENGTH - 1;

const UNDERSCORE_PLACE = API_KEY_PREFIX.length - 1;

/** The id of the key whose underscore is here. */
function idAround(bytes: Uint8Array, underscore: number, stride: 1 | 2): string | undefined {
  // From its end, where most names that are none are told by one letter.
  for (let place = UNDERSCORE_PLACE - 1; place >= 0; place--) {
    const at = underscore - (UNDERSCORE_PLACE - place) * stride;
    if (((bytes[at] ?? 0) | CASE_BIT) !== API_KEY_PREFIX.charCodeAt(place)) return undefined;
    if (stride === 2 && bytes[at + 1] !== 0) return undefined;
  }
  let text = "";
  for (let place = UNDERSCORE_PLACE + 1; place < API_KEY_LENGTH; place++) {
    const at = underscore + (place - UNDERSCORE_PLACE) * stride;
    if (stride === 2 && bytes[at - 1] !== 0) return undefined;
    text += String.fromCharCode(bytes[at] ?? 0);
  }
  const body = text.toLowerCase().replaceAll("o", "0").replace(/[il]/g, "1");
  const values = symbolValues(body);
  return values !== undefined && checksumHolds(values)
    ? body.slice(0, API_KEY_ID_LENGTH)
    : undefined;
}

/** What a small letter has in ASCII and its capital has not. */
const CASE_BIT = 0x20;
