// Tests of a user who sends again while the first try still hangs: what that has claimed of the disk is not asked for twice.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { ManifestEntry } from "@fetchml/protocol";
import {
  inChunks,
  makeSender,
  makeSnapshots,
  sha256,
  textOf,
  type SenderUnderTest,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";
import { measuredRoom, type MeasuredRoom } from "./upload-room.fixture.ts";

const MB = 1_000_000;
const ROOM_BYTES = 20 * MB;

let at: SnapshotsUnderTest;
let room: MeasuredRoom;
let alice: SenderUnderTest;
let hanging: Hanging | null = null;
/** What the last question left to others. */
let promised: { readonly bytes: number; readonly files: number };

beforeEach(async () => {
  const measured = measuredRoom(() => at.folder, ROOM_BYTES);
  room = {
    ...measured,
    refuseUnlessRoomFor: (need, what) => {
      promised = { bytes: need.promisedBytes ?? 0, files: need.promisedFiles ?? 0 };
      measured.refuseUnlessRoomFor(need, what);
    },
  };
  at = await makeSnapshots(undefined, { room });
  alice = makeSender();
});
afterEach(async () => {
  await hanging?.end();
  hanging = null;
  await at[Symbol.asyncDispose]();
});

function entryOf(path: string, content: Uint8Array): ManifestEntry {
  const hash = sha256(content);
  return { kind: "file", path, size_bytes: content.length, hash, executable: false };
}

const ask = (sender: SenderUnderTest, ...contents: readonly Uint8Array[]) =>
  at.snapshots
    .acceptManifest(textOf(...contents.map((content, n) => entryOf(`f${n}`, content))), sender)
    .then(
      () => "taken",
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
    );

interface Hanging {
  /** Cuts it; resolves when the server is done with it. */
  end(): Promise<unknown>;
}

/** Sends the first bytes of a blob, and then nothing. */
async function hang(content: Uint8Array, bytes: number): Promise<void> {
  const taken = Promise.withResolvers<void>();
  const cut = Promise.withResolvers<void>();
  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* inChunks(content.subarray(0, bytes));
    taken.resolve();
    await cut.promise;
    throw new Error("cut");
  }
  const piece = { hash: sha256(content), sizeBytes: content.length, offset: 0 };
  const ended = at.snapshots.receiveBlob(stream(), piece, alice).catch((error: unknown) => error);
  await taken.promise;
  hanging = {
    end: () => {
      cut.resolve();
      return ended;
    },
  };
}

describe("acceptManifest()", () => {
  test.each([0, 1, 5 * MB])(
    "takes the project again while its blob hangs after %d bytes",
    async (bytes) => {
      const large = randomBytes(12 * MB);
      await hang(large, bytes);
      expect(await ask(alice, large)).toBe("taken");
      expect(promised.files).toBe(0);
      // What has arrived may still lie in memory.
      expect(promised.bytes).toBeWithin(0, bytes + 1);
      await hanging?.end();
      expect(await ask(alice, large)).toBe("taken");
    },
  );

  test("counts what hangs for other blobs of the same user, and for other users", async () => {
    const [large, other] = [randomBytes(12 * MB), randomBytes(12 * MB)];
    await hang(large, 1);
    expect(await ask(alice, other)).toBe("disk-full");
    expect(await ask(alice, large, other)).toBe("disk-full");
    expect(await ask(alice, large, randomBytes(6 * MB))).toBe("taken");
    expect(await ask(makeSender(), large)).toBe("disk-full");
  });
});
