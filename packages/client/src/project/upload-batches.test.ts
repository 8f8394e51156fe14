// Tests of dividing an upload into requests.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { inBatches } from "./upload-batches.ts";

const MIB = 1024 ** 2;

const blob = fc
  .integer({ min: 0, max: 300 * MIB })
  .map((sizeBytes) => ({ hash: "", path: "", sizeBytes }));

test("inBatches() keeps all and their order, and puts as much into one as may go there", () => {
  fc.assert(
    fc.property(fc.array(blob, { maxLength: 40 }), (blobs) => {
      const batches = [...inBatches(blobs)];
      expect(batches.flat()).toEqual(blobs);
      const sizes = batches.map((batch) => batch.reduce((sum, one) => sum + one.sizeBytes, 0));
      for (const [index, batch] of batches.entries()) {
        expect(batch.length === 1 || (sizes[index] ?? 0) <= 256 * MIB).toBe(true);
        const next = batches[index + 1]?.[0]?.sizeBytes ?? Infinity;
        expect((sizes[index] ?? 0) + next).toBeGreaterThan(256 * MIB);
      }
    }),
  );
});

test("inBatches() puts no more than 50,000 into one", () => {
  const blobs = Array.from({ length: 120_000 }, () => ({ hash: "", path: "", sizeBytes: 1 }));
  const lengths = [...inBatches(blobs)].map((batch) => batch.length);
  expect(lengths).toEqual([50_000, 50_000, 20_000]);
});
