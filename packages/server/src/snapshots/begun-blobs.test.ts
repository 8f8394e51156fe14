// Tests of large blobs that arrive in part.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import * as fc from "fast-check";
import {
  inChunks,
  makeSender,
  makeSnapshots,
  sha256,
  type SenderUnderTest,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";
import { DEFAULT_SNAPSHOT_LIMITS, openSnapshots, type Snapshots } from "./snapshots.ts";

const LIMITS = { ...DEFAULT_SNAPSHOT_LIMITS, blobBytes: 4_000_000, totalBytes: 8_000_000 };

let at: SnapshotsUnderTest;
let alice: SenderUnderTest;
beforeEach(async () => {
  at = await makeSnapshots(LIMITS);
  alice = makeSender();
});
afterEach(() => at[Symbol.asyncDispose]());

const CONTENT = new Uint8Array(3_000_000).map((_, index) => index * 31 + (index >> 9));
const HASH = sha256(CONTENT);
const CUT = new Error("the connection is cut");
const placeOf = (hash: string) => join(at.folder, "blobs", hash.slice(0, 2), hash.slice(2));
const begunOf = (sender: SenderUnderTest, hash = HASH) =>
  join(at.folder, "begun", String(sender.userId), hash);

interface Part {
  readonly from: number;
  /** Where the connection is cut; default the end. */
  readonly to?: number;
  readonly content?: Uint8Array;
  readonly hash?: string;
  readonly sender?: SenderUnderTest;
  readonly snapshots?: Snapshots;
}

async function send({ from, to, content = CONTENT, ...rest }: Part): Promise<string> {
  const { hash = HASH, sender = alice, snapshots = at.snapshots } = rest;
  const error = to === undefined ? undefined : CUT;
  const stream = inChunks(content.subarray(from, to), [70_001], error);
  const piece = { hash, sizeBytes: content.length, offset: from };
  try {
    await (
      await snapshots.receiveBlob(stream, piece, sender)
    )();
    return "stored";
  } catch (failure) {
    if (failure === CUT) return "cut";
    return failure instanceof FetchmlError ? failure.code : String(failure);
  }
}

function expectStored(): void {
  expect(readFileSync(placeOf(HASH)).equals(CONTENT)).toBe(true);
  expect([...alice.blobs]).toEqual([HASH]);
  expect(at.files()).toEqual([join("blobs", HASH.slice(0, 2), HASH.slice(2))]);
}

async function asked(sender: SenderUnderTest, snapshots = at.snapshots): Promise<number> {
  const text = `{"version":1,"entries":[{"kind":"file","path":"a","size_bytes":${CONTENT.length},"hash":"${HASH}","executable":false}]}`;
  const { begun } = await snapshots.acceptManifest(text, sender);
  return begun.get(HASH) ?? 0;
}

describe("receiveBlob()", () => {
  test("stores a blob that comes in one go", async () => {
    expect(await send({ from: 0 })).toBe("stored");
    expectStored();
  });

  test("keeps what has arrived when it is cut, tells the sender how much, and goes on there", async () => {
    expect(await send({ from: 0, to: 1_234_567 })).toBe("cut");
    expect(existsSync(placeOf(HASH))).toBe(false);
    expect(await asked(alice)).toBe(1_234_567);
    expect(await send({ from: 1_234_567 })).toBe("stored");
    expectStored();
    expect(await asked(alice)).toBe(0);
  });

  test("goes on after a restart of the server", async () => {
    expect(await send({ from: 0, to: 2_000_000 })).toBe("cut");
    await at.snapshots.close();
    const snapshots = await openSnapshots(at.folder, LIMITS);
    expect(await asked(alice, snapshots)).toBe(2_000_000);
    expect(await send({ from: 2_000_000, snapshots })).toBe("stored");
    expectStored();
    await snapshots.close();
  });

  test("finishes a blob of which all has arrived and that was not stored yet", async () => {
    mkdirSync(dirname(begunOf(alice)), { recursive: true });
    writeFileSync(begunOf(alice), CONTENT);
    expect(await asked(alice)).toBe(CONTENT.length);
    expect(await send({ from: CONTENT.length })).toBe("stored");
    expectStored();
  });

  test("is done whatever the order of cuts and tries", async () => {
    const cut = fc.tuple(fc.nat(CONTENT.length), fc.nat(CONTENT.length));
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 5 }), async (cuts) => {
        const sender = makeSender();
        for (const [from, to] of cuts) await send({ from, to: Math.max(from, to), sender });
        expect(await send({ from: 0, sender })).toBe("stored");
        expect([...sender.blobs]).toEqual([HASH]);
        expect(readFileSync(placeOf(HASH)).equals(CONTENT)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test("takes the same blob twice at once, from one user and from another", async () => {
    const bob = makeSender();
    const all = [send({ from: 0 }), send({ from: 0 }), send({ from: 0, sender: bob })];
    expect(await Promise.all(all)).toEqual(["stored", "stored", "stored"]);
    expectStored();
    expect([...bob.blobs]).toEqual([HASH]);
  });

  test("lets the sender go on while the server still waits for the lost connection", async () => {
    const controller = new AbortController();
    const half = Promise.withResolvers<void>();
    async function* hanging(): AsyncGenerator<Uint8Array, void, void> {
      yield CONTENT.subarray(0, 1_000_000);
      half.resolve();
      await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
      throw CUT;
    }
    const piece = { hash: HASH, sizeBytes: CONTENT.length, offset: 0 };
    const lost = at.snapshots.receiveBlob(hanging(), piece, alice).catch((error: unknown) => error);
    await half.promise;
    const received = await asked(alice);
    expect(received).toBeGreaterThan(0);
    expect(await send({ from: received })).toBe("stored");
    expectStored();
    controller.abort();
    expect(await lost).toBe(CUT);
    expectStored();
  });

  test("refuses what has another hash, and begins anew then", async () => {
    const spoilt = CONTENT.slice();
    spoilt[5] = 0;
    expect(await send({ from: 0, content: spoilt })).toBe("bad-content");
    expect(at.files()).toEqual([]);
    // The beginning was wrong, and nobody knew.
    expect(await send({ from: 0, to: 100_000, content: spoilt })).toBe("cut");
    expect(await send({ from: 100_000 })).toBe("bad-content");
    expect(await asked(alice)).toBe(0);
    expect(await send({ from: 0 })).toBe("stored");
    expectStored();
  });

  test("lets nobody slip in bytes behind those that were checked", async () => {
    const spoilt = CONTENT.slice();
    spoilt.fill(7, 500_000);
    expect(await send({ from: 0, to: 1_000_000 })).toBe("cut");
    // What has arrived already is left out, whoever sends it again.
    expect(await send({ from: 200_000, to: 900_000, content: spoilt })).toBe("cut");
    expect(await send({ from: 1_000_000 })).toBe("stored");
    expectStored();
  });

  test("refuses a place that is not reached, more than was announced, and too large ones", async () => {
    await send({ from: 0, to: 1000 });
    expect(await send({ from: 1001 })).toBe("conflict");
    const stream = inChunks(CONTENT);
    const piece = { hash: HASH, sizeBytes: 10, offset: 0 };
    expect(
      String(await at.snapshots.receiveBlob(stream, piece, alice).catch((error: unknown) => error)),
    ).toContain("more arrived");
    expect(await send({ from: 0, content: new Uint8Array(4_000_001) })).toBe("too-large");
    expect(await send({ from: 0 })).toBe("stored");
    expectStored();
  });

  test("shows a user nothing of what another has begun", async () => {
    const bob = makeSender();
    await send({ from: 0, to: 2_000_000, sender: bob });
    expect(await asked(alice)).toBe(0);
    expect(await send({ from: 2_000_000 })).toBe("conflict");
    expect(await asked(bob)).toBe(2_000_000);
  });

  test("removes what was not written to for a day, at the start of a server", async () => {
    await send({ from: 0, to: 1000 });
    await send({ from: 0, to: 2000, sender: makeSender() });
    const old = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(begunOf(alice), old, old);
    const again = await openSnapshots(at.folder, LIMITS);
    await again.close();
    expect(existsSync(begunOf(alice))).toBe(false);
    expect(at.files()).toHaveLength(1);
  });

  test("keeps of one user no more than a whole snapshot may have, the newest", async () => {
    const old = new Date(Date.now() - 3_600_000);
    const others = [1, 2, 3].map((seed) => CONTENT.map((byte) => byte ^ seed));
    for (const content of others) {
      const hash = sha256(content);
      await send({ from: 0, to: 2_600_000 + 1000 * others.indexOf(content), content, hash });
      utimesSync(begunOf(alice, hash), old, old);
      old.setTime(old.getTime() + 1000);
    }
    await send({ from: 0, to: 1000 });
    const kept = at.files().map((path) => path.slice(path.lastIndexOf("/") + 1));
    const [, , newest] = others.map(sha256);
    expect(kept.toSorted()).toEqual([newest ?? "", HASH].toSorted());
  });

  test("never makes room by removing what another upload goes on with at that moment", async () => {
    const outcomes = new Set<string>();
    const begun = [101, 102].map((seed) => CONTENT.map((byte) => byte ^ seed));
    for (let round = 0; round < 10; round += 1) {
      const sender = makeSender();
      const other = CONTENT.map((byte) => byte ^ (round + 1));
      // Together more than one user may have begun.
      for (const content of begun) {
        await send({ from: 0, to: 2_000_000, content, hash: sha256(content), sender });
      }
      await send({ from: 0, to: 2_500_000, sender });
      const old = new Date(Date.now() - 3_600_000);
      utimesSync(begunOf(sender), old, old);
      const [, goingOn] = await Promise.all([
        send({ from: 0, to: 1000, content: other, hash: sha256(other), sender }),
        send({ from: 2_500_000, sender }),
      ]);
      outcomes.add(goingOn);
    }
    expect([...outcomes]).toEqual(["stored"]);
    expect(readFileSync(placeOf(HASH)).equals(CONTENT)).toBe(true);
  });

  test("asks for all of it again when it was removed while it came", async () => {
    await send({ from: 0, to: 1000 });
    async function* removing(): AsyncGenerator<Uint8Array, void, void> {
      yield CONTENT.subarray(1000, 2000);
      rmSync(begunOf(alice));
      yield CONTENT.subarray(2000);
    }
    const piece = { hash: HASH, sizeBytes: CONTENT.length, offset: 1000 };
    const failure: unknown = await at.snapshots
      .receiveBlob(removing(), piece, alice)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "conflict" });
    expect(await asked(alice)).toBe(0);
    expect(await send({ from: 0 })).toBe("stored");
    expectStored();
  });

  test("mends a blob that was damaged on disk", async () => {
    await send({ from: 0 });
    writeFileSync(placeOf(HASH), "bad!");
    await send({ from: 0 });
    expectStored();
  });
});
