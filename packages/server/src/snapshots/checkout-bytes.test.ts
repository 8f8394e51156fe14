// Tests of laying out a project on a disk with room for only so many bytes.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import type { RoomNeed } from "../domain/disk-room.ts";
import {
  fileEntry,
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  textOf,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";

let spare: number;
let asked: RoomNeed[];
let at: SnapshotsUnderTest;
let outside: string;
beforeEach(async () => {
  spare = Infinity;
  asked = [];
  outside = mkdtempSync(join(tmpdir(), "fetchml-checkout-bytes-"));
  at = await makeSnapshots(undefined, {
    room: {
      isShort: () => false,
      refuseUnlessRoomFor: (need, what) => {
        asked.push(need);
        const { bytes, promisedBytes = 0 } = need;
        if (bytes + promisedBytes > spare) throw new FetchmlError("disk-full", `${what}: full`);
      },
    },
  });
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
  rmSync(outside, { recursive: true, force: true });
});

/** Two files of which one lies there twice. */
async function store(): Promise<string> {
  const sender = makeSender();
  const contents = ["a".repeat(10_000), "b".repeat(20_000)] as const;
  const sent = contents.map((content) => frame(content));
  await at.snapshots.receiveBlobs(inChunks(Buffer.concat(sent)), sender);
  const [a, b] = contents;
  const entries = [fileEntry("a", a), fileEntry("b", b), fileEntry("c", b)];
  const { snapshot } = await at.snapshots.acceptManifest(textOf(...entries), sender);
  await at.snapshots.settled();
  return snapshot;
}

const layOut = (snapshot: string, name: string) =>
  at.snapshots.checkout(snapshot, join(outside, name)).then(
    () => "laid out",
    (error: unknown) => (error instanceof FetchmlError ? error.code : error),
  );

test("checkout() writes nothing when the disk has not the bytes of all copies, which take none where they are shared", async () => {
  const snapshot = await store();
  asked = [];
  const needed = at.snapshots.takesBytes ? 50_000 + 3 * 4096 : 0;
  spare = needed - 1;
  expect(await layOut(snapshot, "one")).toBe("disk-full");
  expect(existsSync(join(outside, "one"))).toBe(false);
  expect(asked.at(-1)).toMatchObject({ bytes: needed, files: 3 });
  spare = needed;
  expect(await layOut(snapshot, "one")).toBe("laid out");
  expect(readdirSync(join(outside, "one"))).toHaveLength(3);
});

test("checkout() keeps no room when it is done", async () => {
  const snapshot = await store();
  expect(await layOut(snapshot, "one")).toBe("laid out");
  asked = [];
  expect(await layOut(snapshot, "two")).toBe("laid out");
  expect(asked).toMatchObject([{ promisedBytes: 0, promisedFiles: 0 }]);
});

test.skipIf(statSync("/dev/shm").dev === statSync(tmpdir()).dev)(
  "onto another disk, of which nothing is known, is not refused for want of room",
  async () => {
    const snapshot = await store();
    spare = 0;
    expect(await layOut(snapshot, "here")).toBe("disk-full");
    const elsewhere = mkdtempSync("/dev/shm/fetchml-checkout-");
    try {
      await at.snapshots.checkout(snapshot, join(elsewhere, "job"));
      expect(readdirSync(join(elsewhere, "job")).toSorted()).toEqual(["a", "b", "c"]);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  },
);
