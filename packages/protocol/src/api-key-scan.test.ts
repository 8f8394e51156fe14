// Tests of the search for keys in files.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { normaliseApiKey } from "./api-key-normalise.ts";
import { anyKey, sampleKey, seededBytes, withCharacter } from "./api-key-samples.ts";
import { containsApiKey, createApiKeyScanner, findApiKeyId } from "./api-key-scan.ts";

const key = sampleKey(40);
const id = key.slice(8, 12);

const READ_ALIKE = new Map([
  ["0", "o"],
  ["1", "l"],
]);

function littleEndian(text: string): Uint8Array {
  return Buffer.from(text, "utf16le");
}

function bigEndian(text: string): Uint8Array {
  return Buffer.from(text, "utf16le").swap16();
}

describe("findApiKeyId()", () => {
  test("finds a key in any surroundings, as text and as bytes", () => {
    for (const text of [
      key,
      `api_key = "${key}"\n`,
      `x${key}y`,
      `fetchml_${key}`,
      `\u0000${key}\u00ff`,
    ]) {
      expect(findApiKeyId(text)).toBe(id);
      expect(findApiKeyId(Buffer.from(text, "latin1"))).toBe(id);
    }
  });

  test("finds a key behind many that are none", () => {
    const almost = withCharacter(key, 40, key.charAt(40) === "q" ? "p" : "q");
    for (const filler of ["fetchml_", "_", "l_", "a_long_name ", `${"x".repeat(200)}_`]) {
      const noise = `fetchml_${filler.repeat(1000)}${almost} ${almost.slice(0, 20)}`;
      for (const encode of [(text: string) => Buffer.from(text), littleEndian, bigEndian]) {
        expect(findApiKeyId(encode(noise))).toBeUndefined();
        for (const secret of [key, key.toUpperCase()]) {
          expect(findApiKeyId(encode(noise + secret))).toBe(id);
          expect(findApiKeyId(encode(secret + noise))).toBe(id);
        }
      }
    }
  });

  test("finds a key in UTF-16 of either order", () => {
    for (const encode of [littleEndian, bigEndian]) {
      expect(findApiKeyId(encode(`\ufeffkey ${key}\r\n`))).toBe(id);
      expect(findApiKeyId(encode(key))).toBe(id);
      expect(findApiKeyId(encode(key.slice(0, -1)))).toBeUndefined();
    }
  });

  test("takes no bytes for UTF-16 that have other bytes between", () => {
    const bytes = Buffer.from(key, "utf16le");
    bytes[2 * 8 + 1] = 1;
    expect(findApiKeyId(bytes)).toBeUndefined();
  });

  test("finds a key in every case and spelling that login takes, and names it by its one id", () => {
    const cases = fc.array(fc.boolean(), { minLength: 44, maxLength: 44 });
    const encodings = fc.constantFrom("latin1", "utf16le", "utf16be");
    fc.assert(
      fc.property(anyKey, cases, encodings, (secret, capitals, encoding) => {
        const text = Array.from(secret, (symbol, place) => {
          const other = place < 8 ? symbol : (READ_ALIKE.get(symbol) ?? symbol);
          return capitals[place] === true ? other.toUpperCase() : symbol;
        }).join("");
        expect(normaliseApiKey(text)).toMatchObject({ ok: true, key: secret });
        const bytes = encoding === "utf16be" ? bigEndian(text) : Buffer.from(text, encoding);
        expect(findApiKeyId(bytes)).toBe(secret.slice(8, 12));
        expect(findApiKeyId(`x${text}`)).toBe(secret.slice(8, 12));
      }),
      { numRuns: 500 },
    );
    expect(findApiKeyId(key.toUpperCase())).toBe(id);
    expect(scanInPieces(Buffer.from(key.toUpperCase()), [7])).toBe(id);
    expect(scanInPieces(bigEndian(key.toUpperCase()), [7])).toBe(id);
  });

  test("passes over a cut key, a wrong checksum and the name alone, in capitals too", () => {
    for (const text of [
      "",
      "fetchml_",
      key.slice(0, -1),
      key.slice(1),
      `fetchml_${"0".repeat(36)}`,
    ]) {
      expect(containsApiKey(text)).toBe(false);
      expect(containsApiKey(text.toUpperCase())).toBe(false);
    }
  });

  test("looks at the given part of a buffer only", () => {
    const bytes = Buffer.from(`${key}....`, "latin1");
    expect(containsApiKey(bytes.subarray(0, 44))).toBe(true);
    expect(containsApiKey(bytes.subarray(0, 43))).toBe(false);
    expect(containsApiKey(bytes.subarray(1))).toBe(false);
  });

  test("searches 50 MiB of random bytes to the last", () => {
    const bytes = new Uint8Array(50 * 1024 * 1024);
    const block = seededBytes(41)(64 * 1024);
    for (let at = 0; at < bytes.length; at += block.length) bytes.set(block, at);
    expect(containsApiKey(bytes)).toBe(false);
    bytes.set(Buffer.from(key, "latin1"), bytes.length - key.length);
    expect(containsApiKey(bytes)).toBe(true);
  });
});

describe("createApiKeyScanner()", () => {
  const pieces = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 40 });

  test("finds a key that is cut anywhere, in chunks of any size", () => {
    const around = fc.uint8Array({ maxLength: 200 });
    const encodings = fc.constantFrom("latin1", "utf16le", "utf16be");
    fc.assert(
      fc.property(anyKey, around, pieces, encodings, (secret, before, sizes, encoding) => {
        const bytes = encoding === "utf16be" ? bigEndian(secret) : Buffer.from(secret, encoding);
        const file = Buffer.concat([before, bytes, before]);
        expect(scanInPieces(file, sizes)).toBe(secret.slice(8, 12));
      }),
      { numRuns: 500 },
    );
  });

  test("finds what findApiKeyId() finds, one byte at a time", () => {
    const bytes = Buffer.from(`fetchml_fetchml_${key}`, "latin1");
    expect(scanInPieces(bytes, [1])).toBe(id);
    expect(scanInPieces(bytes.subarray(0, -1), [1])).toBeUndefined();
    expect(scanInPieces(bytes.subarray(17), [1])).toBeUndefined();
  });

  test("finds a key in the middle of a chunk", () => {
    const chunk = Buffer.from(`${"x".repeat(1000)}${key}${"x".repeat(1000)}`, "latin1");
    expect(createApiKeyScanner()(chunk)).toBe(id);
  });

  test("keeps its answer, and is not disturbed by a chunk that the caller uses again", () => {
    const scan = createApiKeyScanner();
    const buffer = Buffer.from(key.slice(0, 30), "latin1");
    expect(scan(buffer)).toBeUndefined();
    buffer.fill(0);
    expect(scan(Buffer.from(key.slice(30), "latin1"))).toBe(id);
    expect(scan(buffer)).toBe(id);
  });

  test("does not join what other bytes stand between", () => {
    const scan = createApiKeyScanner();
    expect(scan(Buffer.from(key.slice(0, 30), "latin1"))).toBeUndefined();
    expect(scan(Buffer.from("-", "latin1"))).toBeUndefined();
    expect(scan(Buffer.from(key.slice(30), "latin1"))).toBeUndefined();
  });
});

/** The scanner's last answer for the bytes cut into pieces of these sizes, over and over; a size of 0 gives an empty chunk. */
function scanInPieces(bytes: Uint8Array, sizes: readonly number[]): string | undefined {
  const scan = createApiKeyScanner();
  let answer: string | undefined;
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    // Every second chunk at least moves on, also when all sizes are 0.
    const size = Math.max(sizes[turn % sizes.length] ?? 0, turn % 2);
    answer = scan(bytes.subarray(at, at + size));
    at += size;
  }
  return answer;
}
