// Headers of plain files: what is written is read back, and nothing else is.
import { expect, test } from "bun:test";
import { formatHeader, paddingOf, parseHeader } from "./tar-header.ts";

const file = (name: string, sizeBytes = 1) => ({ name, sizeBytes, mtimeMs: 1_700_000_000_000 });

test.each([0, 1, 511, 8 ** 11 - 1, 8 ** 11, Number.MAX_SAFE_INTEGER])(
  "a size of %d bytes is read back",
  (size) => {
    expect(parseHeader(formatHeader(file("a", size)))).toEqual(file("a", size));
  },
);

test.each(["a", "a".repeat(100), `secrets/users/${"u".repeat(32)}/${"S".repeat(64)}`])(
  "the name %s is read back",
  (name) => {
    expect(parseHeader(formatHeader(file(name)))).toEqual(file(name));
  },
);

test("one flipped bit anywhere in a header is noticed", () => {
  const good = formatHeader(file(`secrets/users/${"u".repeat(32)}/${"S".repeat(64)}`));
  for (let bit = 0; bit < good.length * 8; bit += 1) {
    const bad = Buffer.from(good);
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(parseHeader(bad)).toBeString();
  }
});

test("a header that is right by its sum and not by its form is no file", () => {
  expect(parseHeader(Buffer.alloc(512))).toBe("damaged");
  expect(parseHeader(Buffer.alloc(512, 0xff))).toBe("damaged");
});

test("the last block of a file is filled", () => {
  expect([0, 1, 511, 512, 513].map(paddingOf)).toEqual([0, 511, 1, 0, 511]);
});
