// Tests of taking an upload out of its frames.
import { describe, expect, test } from "bun:test";
import { constants, zstdCompressSync } from "node:zlib";
import { FetchmlError, FRAME_HEADER_BYTES, writeFrameHeader } from "@fetchml/protocol";
import * as fc from "fast-check";
import { unframed, type Piece } from "./upload-frames.ts";

const PLAIN = 0;
const ZSTD = 1;

/** A frame as it travels; `claimed` replaces lengths in its header. */
function frame(
  form: "plain" | "zstd",
  plain: Uint8Array,
  claimed: { readonly wireBytes?: number; readonly plainBytes?: number } = {},
): Buffer {
  const body = form === "plain" ? plain : zstdCompressSync(plain);
  const head = new Uint8Array(FRAME_HEADER_BYTES);
  const lengths = { wireBytes: body.length, plainBytes: plain.length, ...claimed };
  writeFrameHeader(head, { form, ...lengths });
  return Buffer.concat([head, body]);
}

async function* inPieces(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Piece> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield new Uint8Array(bytes.subarray(at, at + length));
    at += length;
  }
}

async function read(wire: Uint8Array, lengths: readonly number[] = [65_536]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of unframed(inPieces(wire, lengths))) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function failureOf(wire: Uint8Array): Promise<string> {
  const error: unknown = await read(wire).catch((cause: unknown) => cause);
  return error instanceof FetchmlError ? `${error.code}: ${error.message}` : String(error);
}

const REPEATED = Buffer.from("the same again, ".repeat(4000));

describe("unframed()", () => {
  test("gives back what was framed, wherever the pieces are cut", async () => {
    const content = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => frame("plain", bytes)),
      fc.integer({ min: 64, max: 3000 }).map((length) => frame("zstd", new Uint8Array(length))),
    );
    const lengths = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(content, { maxLength: 8 }), lengths, async (frames, cut) => {
        const expected = frames.map((bytes) =>
          bytes[0] === PLAIN
            ? bytes.subarray(FRAME_HEADER_BYTES)
            : Buffer.alloc(bytes.readUInt32BE(5)),
        );
        expect(await read(Buffer.concat(frames), cut)).toEqual(Buffer.concat(expected));
      }),
      { numRuns: 150 },
    );
  });

  test("takes nothing for nothing", async () => {
    expect(await read(new Uint8Array(0))).toHaveLength(0);
  });

  const good = frame("zstd", REPEATED);
  const bad: Readonly<Record<string, Uint8Array>> = {
    "an unknown form": Buffer.concat([Buffer.from([7]), good.subarray(1)]),
    "an end in the header": good.subarray(0, 5),
    "an end in the frame": good.subarray(0, -1),
    "an end in a frame that is not compressed": frame("plain", REPEATED).subarray(0, -1),
    "an empty frame": new Uint8Array(FRAME_HEADER_BYTES),
    "a frame over the limit": frame("zstd", new Uint8Array(2 * 1024 ** 2)),
    "a frame that becomes longer than it says": frame("zstd", REPEATED, { plainBytes: 1000 }),
    "a frame that becomes shorter than it says": frame("zstd", REPEATED, { plainBytes: 64_001 }),
    "a compressed frame that is longer than what it stands for": frame("zstd", Buffer.from("abc")),
    "what is not compressed": Buffer.concat([good.subarray(0, 9), REPEATED]),
  };
  test.each(Object.keys(bad))("refuses %s", async (name) => {
    expect(await failureOf(bad[name] ?? new Uint8Array(0))).toStartWith("bad-content: ");
  });

  test("does not let a bomb go off: 256 MiB in 100 kB", async () => {
    const bomb = zstdCompressSync(new Uint8Array(256 * 1024 ** 2));
    expect(bomb.length).toBeLessThan(100_000);
    const head = new Uint8Array(FRAME_HEADER_BYTES);
    writeFrameHeader(head, { form: "zstd", wireBytes: bomb.length, plainBytes: 1024 ** 2 });
    const before = process.memoryUsage.rss();
    expect(await failureOf(Buffer.concat([head, bomb]))).toStartWith("bad-content: ");
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 ** 2);
  });

  test("does not let a sender ask for memory: a window of 128 MiB", async () => {
    const params = { [constants.ZSTD_c_contentSizeFlag]: 0 };
    const packed = zstdCompressSync(REPEATED, { params });
    const head = new Uint8Array(FRAME_HEADER_BYTES);
    const lengths = { wireBytes: packed.length, plainBytes: REPEATED.length };
    writeFrameHeader(head, { form: "zstd", ...lengths });
    expect(await read(Buffer.concat([head, packed]))).toEqual(REPEATED);
    packed[5] = (27 - 10) << 3;
    expect(head[0]).toBe(ZSTD);
    expect(await failureOf(Buffer.concat([head, packed]))).toStartWith("bad-content: ");
  });
});
