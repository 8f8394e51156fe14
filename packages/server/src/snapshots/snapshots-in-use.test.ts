// Tests of what is noted as in use, and of how much that may be.
import { beforeEach, describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { MOST_NOTED_OF_USER, SnapshotsInUse } from "./snapshots-in-use.ts";
import {
  fileEntry,
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  sha256,
  textOf,
} from "./snapshots.fixture.ts";

const MINUTE_MS = 60_000;
const [ONE, TWO] = [sha256("one"), sha256("two")];

let now = 0;
let inUse = new SnapshotsInUse(() => now);
beforeEach(() => {
  now = 0;
  inUse = new SnapshotsInUse(() => now);
});

function codeOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    if (error instanceof FetchmlError) return error.code;
    throw error;
  }
  return "none";
}

function* hashes(count: number, from = 0): Generator<string, void, void> {
  for (let n = from; n < from + count; n++)
    yield (n + 1).toString(16).padStart(13, "0").padEnd(64, "0");
}

describe("SnapshotsInUse", () => {
  test("remembers for an hour from the last time, and then forgets when a collection begins", () => {
    inUse.note(1, [ONE, TWO]);
    now = 40 * MINUTE_MS;
    inUse.note(2, [TWO]);
    now = 60 * MINUTE_MS;
    inUse.forgetOld();
    expect([inUse.has(ONE), inUse.has(TWO)]).toEqual([true, true]);
    now = 100 * MINUTE_MS;
    inUse.forgetOld();
    expect([inUse.has(ONE), inUse.has(TWO)]).toEqual([false, true]);
    now = 101 * MINUTE_MS;
    inUse.forgetOld();
    expect(inUse.has(TWO)).toBe(false);
    expect([inUse.countOf(1), inUse.countOf(2)]).toEqual([0, 0]);
  });

  test("forgets after less than an hour where it is told so, but not while anybody works", async () => {
    inUse.note(1, [ONE]);
    now = 10 * MINUTE_MS;
    inUse.forgetOld(10 * MINUTE_MS);
    expect([inUse.has(ONE), inUse.hasForgotten(0)]).toEqual([true, false]);
    now = 11 * MINUTE_MS;
    await inUse.during(new Set([TWO]), async () => {
      inUse.forgetOld(10 * MINUTE_MS);
      expect([inUse.has(ONE), inUse.hasForgotten(0)]).toEqual([true, false]);
    });
    inUse.forgetOld(10 * MINUTE_MS);
    expect(inUse.has(ONE)).toBe(false);
    expect([inUse.hasForgotten(0), inUse.hasForgotten(1)]).toEqual([true, false]);
  });

  test("has what work relies on until it ends, also when it fails, and when two rely on the same", async () => {
    const given = new Set([ONE]);
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const works = [
      inUse.during(given, () => first.promise),
      inUse.during(given, () => second.promise),
    ];
    first.reject(new Error("cut"));
    await Promise.allSettled(works.slice(0, 1));
    expect(inUse.has(ONE)).toBe(true);
    second.resolve();
    await works[1];
    expect(inUse.has(ONE)).toBe(false);
  });

  test("refuses a user who has no room left, forgets nothing for that, and takes from others", () => {
    inUse.note(1, hashes(MOST_NOTED_OF_USER));
    inUse.note(1, hashes(10));
    expect(codeOf(() => inUse.note(1, [ONE]))).toBe("quota-exceeded");
    expect(codeOf(() => inUse.refuseBeyond(1, 1))).toBe("quota-exceeded");
    expect(inUse.countOf(1)).toBe(MOST_NOTED_OF_USER);
    expect(inUse.has([...hashes(1)][0] ?? "")).toBe(true);
    inUse.refuseBeyond(2, 1);
    inUse.note(2, [ONE]);
    expect(inUse.has(ONE)).toBe(true);
  });

  test("has room for ten of the largest projects, whatever the limit is", () => {
    const wide = new SnapshotsInUse(() => now, 200_000);
    wide.refuseBeyond(1, 2_000_000);
    expect(codeOf(() => wide.refuseBeyond(1, 2_000_001))).toBe("quota-exceeded");
  });
});

describe("acceptManifest()", () => {
  test("notes nothing of manifests of invented hashes, and what comes or is there", async () => {
    await using at = await makeSnapshots(undefined, { inUse });
    const alice = makeSender();
    await at.snapshots.receiveBlobs(inChunks(frame("one")), alice);
    for (let round = 0; round < 20; round++) {
      const entries = Array.from({ length: 1000 }, (_, n) =>
        fileEntry(`f${String(n).padStart(4, "0")}`, `never sent ${round} ${n}`),
      );
      const text = textOf(fileEntry("a", "one"), ...entries);
      const { missing } = await at.snapshots.acceptManifest(text, alice);
      expect(missing).toHaveLength(1000);
      expect(inUse.has(missing[0] ?? "")).toBe(false);
    }
    expect(inUse.countOf(alice.userId)).toBe(1);
    expect(inUse.has(ONE)).toBe(true);
  });

  test("refuses a manifest whose blobs would have no room when they come", async () => {
    await using at = await makeSnapshots(undefined, { inUse });
    const alice = makeSender();
    inUse.note(alice.userId, hashes(MOST_NOTED_OF_USER - 1));
    const text = textOf(fileEntry("a", "one"), fileEntry("b", "two"));
    const error: unknown = await at.snapshots
      .acceptManifest(text, alice)
      .catch((cause: unknown) => cause);
    expect(error instanceof FetchmlError && error.code).toBe("quota-exceeded");
    const { missing } = await at.snapshots.acceptManifest(text, makeSender());
    expect(missing).toEqual([ONE, TWO]);
  });
});
