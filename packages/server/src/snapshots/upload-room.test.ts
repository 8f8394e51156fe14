// Tests of uploads on a disk of which a part is to be kept free: what would take that is refused, and leaves nothing there.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { ManifestEntry } from "@fetchml/protocol";
import {
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  sha256,
  textOf,
  type SenderUnderTest,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";
import { measuredRoom, type MeasuredRoom } from "./upload-room.fixture.ts";
import { watchRoom } from "./upload-room.ts";

const MB = 1_000_000;
const ROOM_BYTES = 20 * MB;

let at: SnapshotsUnderTest;
let room: MeasuredRoom;
let alice: SenderUnderTest;

beforeEach(async () => {
  room = measuredRoom(() => at.folder, ROOM_BYTES);
  at = await makeSnapshots(undefined, { room });
  alice = makeSender();
});
afterEach(() => at[Symbol.asyncDispose]());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "taken",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

function entryOf(path: string, content: Uint8Array): ManifestEntry {
  const hash = sha256(content);
  return { kind: "file", path, size_bytes: content.length, hash, executable: false };
}

const ask = (...contents: readonly Uint8Array[]) =>
  at.snapshots.acceptManifest(
    textOf(...contents.map((content, n) => entryOf(`f${String(n).padStart(4, "0")}`, content))),
    alice,
  );

const post = (stream: AsyncIterable<Uint8Array>) => at.snapshots.receiveBlobs(stream, alice);

/** Sends one blob, or the rest of it. */
function put(content: Uint8Array, stream = inChunks(content), offset = 0) {
  const piece = { hash: sha256(content), sizeBytes: content.length, offset };
  return at.snapshots.receiveBlob(stream, piece, alice);
}

/** Chunks, and something that happens before the byte of that number, from 1 on, goes. */
async function* chunksWith(
  bytes: Uint8Array,
  before: number,
  happens: () => void | Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0;
  for await (const chunk of inChunks(bytes)) {
    if (sent < before && sent + chunk.length >= before) await happens();
    sent += chunk.length;
    yield chunk;
  }
}

describe("acceptManifest()", () => {
  test("refuses what takes more than there is room for, with nothing sent", async () => {
    const contents = [randomBytes(11 * MB), randomBytes(11 * MB)];
    expect(await codeOf(ask(...contents))).toBe("disk-full");
    expect(await codeOf(ask(...contents.slice(1)))).toBe("taken");
    expect(at.files()).toEqual([]);
  });

  test("counts of each file the block that it begins, and not what has arrived or is there", async () => {
    const many = Array.from({ length: 6000 }, (_, n) => Buffer.from(`${n}`));
    expect(await codeOf(ask(...many))).toBe("disk-full");
    const large = randomBytes(12 * MB);
    const cut = put(large, inChunks(large.subarray(0, 11 * MB), [65_536], new Error("cut")));
    expect(String(await cut.catch((error: unknown) => error))).toBe("Error: cut");
    expect(await codeOf(ask(large, randomBytes(4 * MB)))).toBe("taken");
    await (
      await put(large, inChunks(large.subarray(11 * MB)), 11 * MB)
    )();
    expect(await codeOf(ask(large, randomBytes(7 * MB)))).toBe("taken");
    expect(await codeOf(ask(large, randomBytes(9 * MB)))).toBe("disk-full");
  });
});

describe("receiveBlob()", () => {
  test("refuses one that is announced as too large before it reads a byte", async () => {
    let reads = 0;
    const large = randomBytes(21 * MB);
    const stream = chunksWith(large, 1, () => void (reads += 1));
    expect(await codeOf(put(large, stream))).toBe("disk-full");
    expect([reads, at.files()]).toEqual([0, []]);
  });

  test("refuses the rest when somebody else takes the room, and keeps the part while room is not short", async () => {
    const large = randomBytes(12 * MB);
    const stream = chunksWith(large, 4 * MB, () => void (room.takenByOthers = 13 * MB));
    expect(await codeOf(put(large, stream))).toBe("disk-full");
    expect(at.files()).toEqual([`begun/${alice.userId}/${sha256(large)}`]);
    room.takenByOthers = 0;
    const { begun } = await ask(large);
    const [[, arrived = 0] = []] = begun;
    expect(arrived).toBeGreaterThan(3 * MB);
    await (
      await put(large, inChunks(large.subarray(arrived)), arrived)
    )();
    expect((await ask(large)).missing).toEqual([]);
  });

  test("removes the part at once when room is short", async () => {
    for (const sent of [4 * MB, 12 * MB]) {
      const large = randomBytes(12 * MB);
      room.takenByOthers = 0;
      const stream = chunksWith(large, sent, () => void (room.takenByOthers = ROOM_BYTES));
      expect(await codeOf(put(large, stream))).toBe("disk-full");
      expect(at.files()).toEqual([]);
    }
  });

  test("takes one of two at once that have room alone, and leaves what is kept free alone", async () => {
    const contents = [randomBytes(12 * MB), randomBytes(12 * MB)];
    let least = Infinity;
    const [first, second] = contents.map((content) =>
      chunksWith(content, 6 * MB, () => void (least = Math.min(least, room.spareBytes()))),
    );
    const codes = await Promise.all([
      codeOf(put(contents[0] ?? Buffer.of(), first)),
      codeOf(put(contents[1] ?? Buffer.of(), second)),
    ]);
    expect(codes).toContain("disk-full");
    expect(room.spareBytes()).toBeGreaterThanOrEqual(0);
    expect(least).toBeGreaterThan(0);
  });
});

describe("receiveBlobs()", () => {
  test("begins no file that has no room, and keeps what came whole before", async () => {
    const frames = [frame("small"), frame(randomBytes(21 * MB))];
    expect(await codeOf(post(inChunks(Buffer.concat(frames))))).toBe("disk-full");
    expect([...alice.blobs]).toEqual([sha256("small")]);
    expect(at.files()).toEqual([`blobs/${sha256("small").replace(/^../, "$&/")}`]);
  });

  test("refuses small files whose pack has room, but not they themselves, and leaves nothing of them", async () => {
    const frames = Array.from({ length: 300 }, () => frame(randomBytes(40_000)));
    expect(await codeOf(post(inChunks(Buffer.concat(frames))))).toBe("disk-full");
    expect([at.files(), alice.blobs.size]).toEqual([[], 0]);
    expect(await codeOf(post(inChunks(Buffer.concat(frames.slice(0, 200)))))).toBe("taken");
    await at.snapshots.settled();
    expect(room.spareBytes()).toBeGreaterThan(0);
  });

  test("refuses the rest when somebody else takes the room, and leaves nothing of it", async () => {
    const frames = Array.from({ length: 4 }, () => frame(randomBytes(2 * MB)));
    const stream = chunksWith(
      Buffer.concat(frames),
      5 * MB,
      () => void (room.takenByOthers = ROOM_BYTES),
    );
    expect(await codeOf(post(stream))).toBe("disk-full");
    expect([at.files(), alice.blobs.size]).toEqual([[], 0]);
  });

  test("counts what small files that wait will still take", async () => {
    const frames = Array.from({ length: 200 }, () => frame(randomBytes(40_000)));
    await post(inChunks(Buffer.concat(frames)));
    // 8 MB lie there, and 9 MB more are still to be taken for a moment.
    expect(await codeOf(ask(randomBytes(6 * MB)))).toBe("disk-full");
    await at.snapshots.settled();
    expect(await codeOf(ask(randomBytes(6 * MB)))).toBe("taken");
  });
});

test("watchRoom() looks at once, then for each mebibyte and each second", () => {
  let now = 0;
  const asked: number[] = [];
  const look = watchRoom(
    { isShort: () => false, refuseUnlessRoomFor: (bytes) => void asked.push(bytes) },
    () => now,
  );
  look(10, 1);
  look(1024 ** 2 - 1, 2);
  look(1, 3);
  now = 999;
  look(1, 4);
  now = 1000;
  look(1, 5);
  expect(asked).toEqual([1, 3, 5]);
});
