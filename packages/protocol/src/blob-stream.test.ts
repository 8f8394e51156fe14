// Tests of the header before each blob.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { BLOB_HEADER_BYTES, decodeBlobHeader, encodeBlobHeader } from "./blob-stream.ts";

test("decodeBlobHeader() gives back what encodeBlobHeader() wrote, wherever it lies in a buffer", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.maxSafeNat(),
      fc.nat(64),
      (digest, sizeBytes, offset) => {
        const header = { hash: digest.toHex(), sizeBytes };
        const bytes = encodeBlobHeader(header);
        expect(bytes.length).toBe(BLOB_HEADER_BYTES);
        const buffer = new Uint8Array(offset + BLOB_HEADER_BYTES);
        buffer.set(bytes, offset);
        expect(decodeBlobHeader(buffer.subarray(offset))).toEqual(header);
      },
    ),
  );
});

test("encodeBlobHeader() writes the hash raw and the size big-endian", () => {
  const hash = "00ff".repeat(16);
  expect(encodeBlobHeader({ hash, sizeBytes: 0x0102 }).toHex()).toBe(`${hash}0000000000000102`);
});
