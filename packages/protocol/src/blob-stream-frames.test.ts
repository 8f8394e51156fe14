// Tests of the header before each frame.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  FRAME_HEADER_BYTES,
  MAX_FRAME_BYTES,
  readFrameHeader,
  writeFrameHeader,
  type FrameHeader,
} from "./blob-stream-frames.ts";

const header: fc.Arbitrary<FrameHeader> = fc
  .tuple(fc.integer({ min: 1, max: MAX_FRAME_BYTES }), fc.integer({ min: 1, max: MAX_FRAME_BYTES }))
  .map(([a, b]) =>
    a === b
      ? { form: "plain", wireBytes: a, plainBytes: a }
      : { form: "zstd", wireBytes: Math.min(a, b), plainBytes: Math.max(a, b) },
  );

describe("readFrameHeader()", () => {
  test("gives back what writeFrameHeader() wrote, wherever it lies in a buffer", () => {
    fc.assert(
      fc.property(header, fc.nat(64), (sent, offset) => {
        const buffer = new Uint8Array(offset + FRAME_HEADER_BYTES);
        writeFrameHeader(buffer.subarray(offset), sent);
        expect(readFrameHeader(buffer.subarray(offset))).toEqual(sent);
      }),
    );
  });

  test("takes no header that would have the reader hold more than a frame, or nothing", () => {
    const bad = ["00000000000000000000", "010000000000000005", "000000000400000005"];
    const more = ["020000000100000001", "010000000500000005", "010000000600000005"];
    const tooLong = ["000010000100100001", "010000000100100001", "01000000ffffffffff"];
    for (const hex of [...bad, ...more, ...tooLong]) {
      expect([hex, readFrameHeader(Uint8Array.fromHex(hex))]).toEqual([hex, null]);
    }
  });
});

test("writeFrameHeader() writes the form, then both lengths big-endian", () => {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  writeFrameHeader(bytes, { form: "zstd", wireBytes: 0x0102, plainBytes: 0x030405 });
  expect(bytes.toHex()).toBe("010000010200030405");
});
