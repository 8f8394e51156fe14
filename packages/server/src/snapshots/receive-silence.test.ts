// Tests of a stream of blobs of which nothing comes for a while: what is whole is stored, and nothing is claimed.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { receiveBlobs } from "./receive-blobs.ts";
import { snapshotFolder, type SnapshotFolder } from "./snapshot-folder.ts";
import { frame, sha256 } from "./snapshots.fixture.ts";
import { UploadRoom } from "./upload-room.ts";
import { WaitingPacks } from "./waiting-packs.ts";

let folder: SnapshotFolder;
let packs: WaitingPacks;
let spareBytes: number;
/** What is left after somebody has looked. */
let spareBytesNext: number;
/** What all uploads together claim, as the last who looked was told. */
let claimedBytes: number;
let refusals: number;
let room: UploadRoom;
let stored: Map<string, number>;
/** The sender, who says nothing more until the test says so. */
let sender: ReturnType<typeof senderOf>;

beforeEach(() => {
  folder = snapshotFolder(mkdtempSync(join(tmpdir(), "fetchml-silence-")));
  for (const path of [folder.tmp, folder.packs, folder.blobs]) mkdirSync(path, { recursive: true });
  packs = new WaitingPacks(folder, 3_600_000);
  spareBytes = spareBytesNext = Infinity;
  refusals = 0;
  const refuseUnlessRoomFor = ({ bytes = 0, promisedBytes = 0 }, what: string) => {
    claimedBytes = promisedBytes;
    const isTooMuch = bytes + promisedBytes > spareBytes;
    spareBytes = spareBytesNext;
    if (!isTooMuch) return;
    refusals += 1;
    throw new FetchmlError("disk-full", what);
  };
  room = new UploadRoom({ isShort: () => false, refuseUnlessRoomFor }, () => ({
    bytes: 0,
    files: 0,
  }));
  stored = new Map();
  sender = senderOf();
});
afterEach(async () => {
  sender.close();
  await packs.close();
  rmSync(folder.root, { recursive: true, force: true });
});

function senderOf() {
  let give: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isOpen = true;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => void (give = controller),
    cancel: () => void (isOpen = false),
  });
  const close = () => {
    if (isOpen) give?.close();
    isOpen = false;
  };
  return { stream, close, send: (bytes: Uint8Array) => give?.enqueue(bytes) };
}

const receive = () =>
  receiveBlobs(sender.stream, {
    folder,
    packs,
    room,
    maxBlobBytes: 1e9,
    maxBlobs: 1e9,
    maxTotalBytes: 1e9,
    now: () => performance.now(),
    storeEveryMs: 20,
    onStored: async (blobs) => {
      for (const [hash, size] of blobs) stored.set(hash, size);
    },
  });

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await Bun.sleep(2);
  }
}

function claimed(): number {
  room.refuseUnlessRoomFor({ bytes: 0 }, "ask");
  return claimedBytes;
}

const SMALL = Array.from({ length: 40 }, (_, index) => `print(${index})`);
const LARGE = new Uint8Array(3_000_000).map((_, index) => index * 31);

describe("receiveBlobs()", () => {
  test("stores what is whole while nothing comes, and goes on with the blob it was in", async () => {
    const count = receive();
    const large = frame(LARGE);
    sender.send(Buffer.concat([...SMALL.map((content) => frame(content)), large.subarray(0, 99)]));
    await until("the small ones are stored", () => stored.size === SMALL.length);
    expect(SMALL.every((content) => stored.has(sha256(content)))).toBe(true);
    await until("the rest of the large one is not claimed", () => claimed() === 0);
    sender.send(large.subarray(99, 2_000_000));
    await until("it is claimed again", () => claimed() > 0);
    await until("and let go of again", () => claimed() === 0);
    sender.send(large.subarray(2_000_000));
    await until("the large one is stored", () => stored.has(sha256(LARGE)));
    sender.send(Buffer.concat([frame("a").subarray(0, 41)]));
    sender.send(Buffer.concat([frame("a").subarray(41), frame("b")]));
    sender.close();
    expect(await count).toBe(SMALL.length + 3);
    expect([...stored.keys()].toSorted()).toEqual(
      [...SMALL, LARGE, "a", "b"].map(sha256).toSorted(),
    );
    expect(readdirSync(folder.tmp)).toEqual([]);
  });

  test("refuses the rest when the room that was let go of is gone, and keeps what is stored", async () => {
    const failure = receive().catch((error: unknown) => error);
    const large = frame(LARGE);
    sender.send(Buffer.concat([frame("a"), large.subarray(0, 99)]));
    await until("nothing is claimed", () => stored.size === 1 && claimed() === 0);
    spareBytes = 1_000_000;
    sender.send(large.subarray(99, 1_500_000));
    expect(await failure).toMatchObject({ code: "disk-full" });
    expect([...stored.keys()]).toEqual([sha256("a")]);
    expect(readdirSync(folder.tmp)).toEqual([]);
  });

  test("tells of what it could not store while nothing came", async () => {
    spareBytesNext = 10_000;
    const failure = receive().catch((error: unknown) => error);
    sender.send(Buffer.concat(SMALL.map((content) => frame(content))));
    await until("it was tried", () => refusals === 1);
    expect(claimed()).toBe(0);
    sender.close();
    expect(await failure).toMatchObject({ code: "disk-full" });
    expect(stored.size).toBe(0);
  });
});
