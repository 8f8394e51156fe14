// Tests of taking a stream of blobs apart.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createBlobParser } from "./blob-parser.ts";
import { BLOB_HEADER_BYTES, encodeBlobHeader } from "./blob-stream.ts";

interface Parsed {
  readonly hash: string;
  readonly content: Uint8Array;
  readonly isWhole: boolean;
}

function parse(chunks: Iterable<Uint8Array>): {
  readonly blobs: Parsed[];
  readonly atEnd: boolean;
} {
  const parser = createBlobParser();
  const blobs: Parsed[] = [];
  for (const chunk of chunks) {
    for (const event of parser.feed(chunk)) {
      const last = blobs.at(-1);
      if (event.kind === "begin") {
        blobs.push({ hash: event.header.hash, content: new Uint8Array(0), isWhole: false });
      } else if (last !== undefined) {
        const content = event.kind === "data" ? event.bytes : new Uint8Array(0);
        const whole = new Uint8Array(Buffer.concat([last.content, content]));
        blobs[blobs.length - 1] = { ...last, content: whole, isWhole: event.kind === "end" };
      }
    }
  }
  return { blobs, atEnd: parser.isBetweenBlobs() };
}

function frame(content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content);
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  return Buffer.concat([encodeBlobHeader({ hash, sizeBytes: bytes.length }), bytes]);
}

function* cut(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const contents = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });
const lengths = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 10 });

describe("createBlobParser()", () => {
  test("gives the same blobs wherever the chunks are cut", () => {
    fc.assert(
      fc.property(contents, lengths, (sent, chunkLengths) => {
        const stream = Buffer.concat(sent.map((content) => frame(content)));
        const { blobs, atEnd } = parse(cut(stream, chunkLengths));
        expect(blobs.map(({ content }) => content)).toEqual(sent.map((one) => new Uint8Array(one)));
        expect(blobs.every(({ isWhole }) => isWhole)).toBe(true);
        expect(atEnd).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("knows at each place whether the stream may end there", () => {
    const parts = [frame("abc"), frame(""), frame("x")];
    const ends = new Set([0]);
    let total = 0;
    for (const part of parts) ends.add((total += part.length));
    const stream = Buffer.concat(parts);
    for (let length = 0; length <= stream.length; length++) {
      expect([length, parse([stream.subarray(0, length)]).atEnd]).toEqual([
        length,
        ends.has(length),
      ]);
    }
  });

  test("takes any size for what it is, and never claims that such a blob has ended", () => {
    const bytes = new Uint8Array(BLOB_HEADER_BYTES + 5).fill(255);
    const { blobs, atEnd } = parse([bytes]);
    expect(blobs).toHaveLength(1);
    expect([blobs[0]?.isWhole, atEnd]).toEqual([false, false]);
  });
});
