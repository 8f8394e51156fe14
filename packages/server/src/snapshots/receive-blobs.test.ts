// Tests of receiving blobs: what is whole is kept, and nothing else.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import * as fc from "fast-check";
import {
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  sha256,
  type SenderUnderTest,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";
import { DEFAULT_SNAPSHOT_LIMITS } from "./snapshots.ts";

let at: SnapshotsUnderTest;
let alice: SenderUnderTest;
beforeEach(async () => {
  at = await makeSnapshots({ ...DEFAULT_SNAPSHOT_LIMITS, blobBytes: 3 * 1024 ** 2 });
  alice = makeSender();
});
afterEach(async () => {
  // Whatever happened: nothing half-made is left.
  expect(readdirSync(join(at.folder, "tmp"))).toEqual([]);
  await at[Symbol.asyncDispose]();
});

const placeOf = (content: string | Uint8Array) => {
  const hash = sha256(content);
  return join("blobs", hash.slice(0, 2), hash.slice(2));
};

function send(parts: readonly Uint8Array[], lengths?: readonly number[], error?: Error) {
  return at.snapshots.receiveBlobs(inChunks(Buffer.concat(parts), lengths, error), alice);
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  return error instanceof FetchmlError ? error.code : `not a FetchmlError: ${String(error)}`;
}

/** The store holds these contents and no other. */
async function expectStored(...contents: readonly (string | Uint8Array)[]): Promise<void> {
  await at.snapshots.settled();
  expect(at.files()).toEqual(contents.map(placeOf).toSorted());
  expect([...alice.blobs].toSorted()).toEqual(contents.map(sha256).toSorted());
  for (const content of contents) {
    const path = join(at.folder, placeOf(content));
    expect(readFileSync(path).equals(Buffer.from(content))).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }
}

const LARGE = new Uint8Array(2.5 * 1024 ** 2).map((_, index) => index * 31);

describe("receiveBlobs()", () => {
  test("stores small, empty and large blobs, and says how many", async () => {
    expect(await send([frame("a"), frame(""), frame(LARGE), frame("b")], [10_000])).toBe(4);
    await expectStored("a", "", LARGE, "b");
  });

  test("stores many at once", async () => {
    const contents = Array.from({ length: 400 }, (_, index) => `print(${index})`);
    expect(await send(contents.map((content) => frame(content)))).toBe(400);
    await expectStored(...contents);
  });

  test("takes an empty stream", async () => {
    expect(await send([])).toBe(0);
    await expectStored();
  });

  test("stores a blob that is sent twice, in one stream or later, once", async () => {
    expect(await send([frame("a"), frame("a"), frame(LARGE), frame(LARGE)])).toBe(2);
    expect(await send([frame("a")])).toBe(1);
    await expectStored("a", LARGE);
  });

  test("takes the same blobs from several uploads at the same time", async () => {
    const contents = Array.from({ length: 50 }, (_, index) => `same ${index}`);
    const parts = [...contents.map((content) => frame(content)), frame(LARGE)];
    const stored = await Promise.all([1, 2, 3, 4].map((turn) => send(parts, [turn * 999])));
    expect(stored).toEqual([51, 51, 51, 51]);
    await expectStored(...contents, LARGE);
  });

  test("mends a blob that was damaged on disk", async () => {
    await send([frame("good")]);
    writeFileSync(join(at.folder, placeOf("good")), "bad!");
    await send([frame("good")]);
    await expectStored("good");
  });

  const bad: Readonly<Record<string, readonly [code: string, part: Uint8Array]>> = {
    "a wrong hash": ["bad-content", frame("x", { hash: sha256("y") })],
    "a wrong hash of a large blob": ["bad-content", frame(LARGE, { hash: sha256("y") })],
    "a size over the limit": ["too-large", frame("x", { sizeBytes: 4 * 1024 ** 2 })],
    "a size beyond all bounds": ["too-large", new Uint8Array(100).fill(255)],
    "an end in the middle of a blob": ["bad-content", frame("xyz").subarray(0, -1)],
    "an end in the middle of a large blob": ["bad-content", frame(LARGE).subarray(0, -9)],
    "an end in the middle of a header": ["bad-content", frame("x").subarray(0, 39)],
    "an empty blob with a hash of its own": ["bad-content", frame("", { hash: sha256("x") })],
    "a size smaller than the content": ["bad-content", frame("xyz", { sizeBytes: 2 })],
    "a line break at the end": ["bad-content", Buffer.from("\n")],
  };
  test.each(Object.keys(bad))("refuses %s, and keeps what came whole before", async (name) => {
    const [code, part] = bad[name] ?? ["", new Uint8Array(0)];
    expect(await failureOf(send([frame("before"), part]))).toBe(code);
    await expectStored("before");
    expect(await failureOf(send([part]))).toBe(code);
  });

  test("takes nothing that comes behind something bad", async () => {
    const wrong = frame("x", { hash: sha256("y") });
    expect(await failureOf(send([frame("before"), wrong, frame("after")]))).toBe("bad-content");
    await expectStored("before");
  });

  test("refuses more blobs than a snapshot may have files, also without content and when they are the same", async () => {
    await using few = await makeSnapshots({ ...DEFAULT_SNAPSHOT_LIMITS, entries: 4 });
    const parts = [frame("a"), frame(""), frame(""), frame("b"), frame(""), frame("c")];
    const stream = inChunks(Buffer.concat(parts));
    expect(await few.snapshots.receiveBlobs(stream, alice).catch(String)).toContain(
      "Cannot store more than 4 files in one upload.",
    );
    expect([...alice.blobs].toSorted()).toEqual(["a", "", "b"].map(sha256).toSorted());
    const most = inChunks(Buffer.concat(parts.slice(0, 4)));
    expect(await few.snapshots.receiveBlobs(most, alice)).toBe(3);
  });

  test("lets others have their turn however many blobs come at once", async () => {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    let turnsMeanwhile = 0;
    const { entries } = DEFAULT_SNAPSHOT_LIMITS;
    const empty = Buffer.alloc(entries * frame("").length, frame(""));
    async function* atOnce(): AsyncGenerator<Uint8Array> {
      setImmediate(count);
      yield empty;
      turnsMeanwhile = turns;
      isDone = true;
    }
    expect(await at.snapshots.receiveBlobs(atOnce(), alice)).toBe(1);
    expect(turnsMeanwhile).toBeGreaterThan(0);
  });

  test("passes on why a stream was ended, and keeps what came whole", async () => {
    const revoked = new FetchmlError("key-revoked", "The key was revoked.");
    const parts = [frame("before"), frame(LARGE).subarray(0, 2_000_000)];
    expect(await failureOf(send(parts, [5000], revoked))).toBe("key-revoked");
    await expectStored("before");
  });

  test("is not done before what it stored is noted", async () => {
    const error = new Error("the database is gone");
    const sender = { ...alice, noteBlobs: () => Promise.reject(error) };
    const work = at.snapshots.receiveBlobs(inChunks(frame("a")), sender);
    expect(await work.catch((thrown: unknown) => thrown)).toBe(error);
  });

  test("keeps exactly the whole blobs of any stream that is cut anywhere", async () => {
    const contents = ["a", "", "bcd", "x".repeat(300)];
    const stream = Buffer.concat(contents.map((content) => frame(content)));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(stream.length),
        fc.integer({ min: 1, max: 99 }),
        async (end, length) => {
          alice = makeSender();
          const work = at.snapshots.receiveBlobs(
            inChunks(stream.subarray(0, end), [length]),
            alice,
          );
          await work.catch(() => undefined);
          let total = 0;
          const whole = contents.filter((content) => (total += frame(content).length) <= end);
          expect([...alice.blobs].toSorted()).toEqual(whole.map(sha256).toSorted());
        },
      ),
      { numRuns: 60 },
    );
  });
});
