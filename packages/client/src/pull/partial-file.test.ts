// Parts with many zeros in them: they take no room, and are the same file.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPart, openPart } from "./partial-file.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-part-"));
  path = join(folder, "part");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PIECE = 262_144;
const zeros = () => new Uint8Array(PIECE);
const ones = (count: number) => new Uint8Array(count).fill(1);
const oneAt = (place: number) => zeros().fill(1, place, place + 1);

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

describe("a part", () => {
  const cases: Readonly<Record<string, readonly Uint8Array[]>> = {
    "zeros at its start": [zeros(), zeros(), ones(5)],
    "zeros in the middle": [ones(5), zeros(), zeros(), ones(70_000)],
    "zeros at its end": [ones(5), zeros(), zeros()],
    "zeros only": [zeros(), zeros()],
    "nearly zeros": [oneAt(0), oneAt(1), oneAt(PIECE - 1), new Uint8Array(5)],
  };
  for (const [name, pieces] of Object.entries(cases)) {
    test(`with ${name} has the content and the hash of what was appended`, () => {
      const whole = Buffer.concat(pieces);
      const part = createPart(path, true);
      for (const piece of pieces) part.append(piece);
      expect(part.sizeBytes).toBe(whole.length);
      expect(part.digest()).toBe(sha256(whole));
      part.close();
      part.close();
      expect(readFileSync(path).equals(whole)).toBe(true);
    });
  }

  test("takes no room for zeros, and is gone on with after them", async () => {
    const part = createPart(path, true);
    part.append(ones(10));
    for (let count = 0; count < 40; count++) part.append(zeros());
    part.giveUp();
    const { blocks, size } = statSync(path);
    expect(size).toBe(10 + 40 * PIECE);
    expect(blocks * 512).toBeLessThan(PIECE);
    const again = await openPart(path, size - 1);
    again?.append(ones(2));
    again?.close();
    const whole = Buffer.concat([ones(10), new Uint8Array(40 * PIECE - 1), ones(2)]);
    expect(again?.digest()).toBe(sha256(whole));
    expect(readFileSync(path).equals(whole)).toBe(true);
  });
});
