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

  test("counts small files twice where they go into a pack, so that none is refused after it was sent", async () => {
    const few = Array.from({ length: 8 }, () => randomBytes(400_000));
    expect(await codeOf(ask(...few, randomBytes(16 * MB)))).toBe("taken");
    const many = Array.from({ length: 300 }, () => randomBytes(31_000));
    expect(await codeOf(ask(...many, randomBytes(2 * MB)))).toBe("disk-full");
    const files = many.slice(0, 280);
    const text = textOf(
      ...files.map((content, n) => entryOf(`f${String(n).padStart(4, "0")}`, content)),
    );
    const { snapshot } = await at.snapshots.acceptManifest(text, alice);
    expect(
      await codeOf(post(inChunks(Buffer.concat(files.map((content) => frame(content)))))),
    ).toBe("taken");
    expect(await at.snapshots.completeSnapshot(snapshot, alice)).toBe(true);
  });

  test("takes no project of tiny files that its own list would find no room for", async () => {
    const tiny = Array.from({ length: 4300 }, (_, n) => Buffer.from(`${n}`));
    const text = textOf(
      ...tiny.map((content, n) => entryOf(`f${String(n).padStart(4, "0")}`, content)),
    );
    const { snapshot } = await at.snapshots.acceptManifest(text, alice);
    await post(inChunks(Buffer.concat(tiny.map((content) => frame(content)))));
    expect(await at.snapshots.completeSnapshot(snapshot, alice)).toBe(true);
  });

  test("counts of each file the block that it begins, and not what has arrived or is there", async () => {
    const many = Array.from({ length: 4800 }, (_, n) => Buffer.from(`${n}`));
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

  test("takes one of two at once that have room alone, and refuses the other before it reads a byte", async () => {
    const [first, second] = [randomBytes(12 * MB), randomBytes(12 * MB)];
    const codes: string[] = [];
    let reads = 0;
    const other = () => chunksWith(second, 1, () => void (reads += 1));
    const tryOther = async () => {
      codes.push(String(await codeOf(put(second, other()))), String(await codeOf(ask(second))));
    };
    expect(await codeOf(put(first, chunksWith(first, 1, tryOther)))).toBe("taken");
    expect([codes, reads]).toEqual([["disk-full", "disk-full"], 0]);
    expect(room.spareBytes()).toBeGreaterThan(0);
  });

  test("counts once what two send of the same, and no more what was cut", async () => {
    const large = randomBytes(19 * MB);
    const cut = put(large, inChunks(large.subarray(0, 10), [65_536], new Error("cut")));
    expect(String(await cut.catch((error: unknown) => error))).toBe("Error: cut");
    const content = randomBytes(12 * MB);
    const sends = [codeOf(put(content)), codeOf(put(content))];
    expect(await Promise.all(sends)).toEqual(["taken", "taken"]);
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
    { set: () => undefined, take: ({ bytes }) => void asked.push(bytes) },
    () => now,
  );
  look(10, { bytes: 1 });
  look(1024 ** 2 - 1, { bytes: 2 });
  look(1, { bytes: 3 });
  now = 999;
  look(1, { bytes: 4 });
  now = 1000;
  look(1, { bytes: 5 });
  expect(asked).toEqual([1, 3, 5]);
});
