// Tests of telling secret keys in binary OpenPGP from what else begins with its packets.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { isOpenPgpSecretKey } from "./openpgp-secret-key.ts";

/** The header of a packet, then a version and a date. */
function packet(first: number, length: readonly number[], version = 4): Uint8Array {
  return Uint8Array.from([first, ...length, version, 0x66, 0x00, 0x00, 0x00, 0x01]);
}

const oldFormat = (tag: number, lengthType: number): number => 0x80 | (tag << 2) | lengthType;
const newFormat = (tag: number): number => 0xc0 | tag;

// Lengths in one, two and four bytes, and up to the end of the file.
const OLD_LENGTHS = [[0x58], [0x03, 0x98], [0, 0, 0x03, 0x98], []] as const;
// In one, two and five bytes.
const NEW_LENGTHS = [[0x58], [0xc5, 0x10], [0xff, 0, 0, 0x03, 0x98]] as const;

/** A packet of this kind with each length that it may have. */
function allOf(tag: number, version?: number): readonly Uint8Array[] {
  return [
    ...OLD_LENGTHS.map((length, type) => packet(oldFormat(tag, type), length, version)),
    ...NEW_LENGTHS.map((length) => packet(newFormat(tag), length, version)),
  ];
}

describe("isOpenPgpSecretKey()", () => {
  test("knows secret keys and subkeys of every version, in both formats of packets", () => {
    for (const tag of [5, 7]) {
      for (const version of [3, 4, 5, 6]) {
        expect(allOf(tag, version).map(isOpenPgpSecretKey)).toEqual(Array(7).fill(true));
      }
    }
  });

  test("lets through every other packet", () => {
    // The old format has four bits for the tag: one above 15 stands only in the new.
    for (let tag = 0; tag < 16; tag++) {
      if (tag === 5 || tag === 7) continue;
      expect([tag, allOf(tag).map(isOpenPgpSecretKey)]).toEqual([tag, Array(7).fill(false)]);
    }
    for (let tag = 16; tag < 64; tag++) {
      expect(isOpenPgpSecretKey(packet(newFormat(tag), [0x58]))).toBe(false);
    }
  });

  test("lets through what has no version of a key, what is cut, and text", () => {
    const cut = packet(oldFormat(5, 1), [0x03, 0x98]).subarray(0, 3);
    const others = [...allOf(5, 0), ...allOf(5, 7), cut, new Uint8Array(0), Buffer.from("\u0095a")];
    expect(others.map(isOpenPgpSecretKey)).toEqual(others.map(() => false));
    const text = fc.string().map((content) => Buffer.from(content.replace(/[^\0-\x7f]/g, "")));
    fc.assert(fc.property(text, (bytes) => !isOpenPgpSecretKey(bytes)));
  });
});
