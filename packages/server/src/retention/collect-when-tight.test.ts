// Uploads that no job names, by how much room there is: they go after ten minutes, two hours or a day, and are asked for again.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { GcReport } from "@fetchml/protocol";
import { SHORT_UPLOAD_GRACE_MS, UPLOAD_GRACE_MS } from "../domain/retention-rules.ts";
import type { KeyHolder } from "../domain/principal.ts";
import type { Sender } from "../snapshots/accept-manifest.ts";
import { snapshotFolder, type SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { frame, inChunks, sha256 } from "../snapshots/snapshots.fixture.ts";
import { SnapshotsInUse } from "../snapshots/snapshots-in-use.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { manifestOf, openRetention, type RetentionUnderTest } from "./retention.fixture.ts";

const MINUTE_MS = 60_000;
const ROOMY = 1e12;
const SHORT = 99;

let box: RetentionUnderTest;
let alice: KeyHolder;
let sender: Sender;
let folder: SnapshotFolder;
let minutes = 0;

beforeEach(async () => {
  minutes = 0;
  box = await openRetention({ inUse: new SnapshotsInUse(() => minutes * MINUTE_MS) });
  alice = await box.addUser("alice");
  sender = box.sender(alice);
  folder = snapshotFolder(join(box.dataDir, "snapshots"));
});
afterEach(() => box[Symbol.asyncDispose]());

/** Lets time pass for all clocks. */
function wait(ms: number): void {
  box.advance(ms);
  minutes += ms / MINUTE_MS;
}

/** What the last collection says that it keeps for now. */
let kept: GcReport["kept_for_now"];

/** The same server collects, with so much free. */
async function collectWith(freeBytes: number, dryRun = false) {
  box.room.setFree(freeBytes);
  const { removed, problems, kept_for_now } = await box.collect({ dryRun });
  expect(problems).toEqual([]);
  box.room.setFree(ROOMY);
  kept = kept_for_now;
  return removed;
}

const isThere = (content: string) => existsSync(folder.blob(sha256(content)));

/** A part of a large file that nobody goes on with. */
function leavePart(): string {
  const path = join(folder.begun, "1", sha256("part"));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "half of it");
  return path;
}

const rooms = [
  { room: "is short", free: () => SHORT, graceMs: SHORT_UPLOAD_GRACE_MS },
  {
    room: "would not do for the largest project",
    free: () => box.options.largestUploadBytes + SHORT,
    graceMs: 120 * MINUTE_MS,
  },
  { room: "is enough", free: () => ROOMY, graceMs: UPLOAD_GRACE_MS },
];

describe("what was sent and no job names", () => {
  for (const { room, free, graceMs } of rooms) {
    test(`goes ${graceMs / MINUTE_MS} minutes later, and not before, where room ${room}`, async () => {
      const queued = await box.send(alice, { a: "queued", b: "both" });
      await box.submit(alice, queued);
      await box.send(alice, { a: "never run", b: "both" });
      await box.snapshots.receiveBlobs(inChunks(frame("no list")), sender);
      const part = leavePart();
      wait(graceMs - MINUTE_MS);
      expect(await collectWith(free())).toEqual([]);
      const sent = "never runboth".length;
      expect(kept).toMatchObject({
        younger_than_ms: graceMs,
        what: [
          { kind: "code", count: 1, bytes: sent },
          { kind: "blobs", count: 1 },
          { kind: "uploads", count: 1 },
        ],
      });
      wait(2 * MINUTE_MS);
      const [dry, removed] = [await collectWith(free(), true), await collectWith(free())];
      const kinds = [
        { kind: "code", count: 1 },
        { kind: "blobs", count: 2 },
        { kind: "uploads", count: 1 },
      ];
      expect(dry).toMatchObject(kinds);
      expect(removed).toMatchObject(kinds);
      expect(kept).toBeUndefined();
      expect(existsSync(part)).toBe(false);
      expect(["queued", "both", "never run", "no list"].map(isThere)).toEqual([
        true,
        true,
        false,
        false,
      ]);
    });
  }

  test("is asked for again where it went between the upload and the submit", async () => {
    const tree = { a: "one", b: "two" };
    const snapshot = await box.send(alice, tree);
    box.room.setFree(SHORT);
    expect(await rejectionOf(box.submit(alice, snapshot))).toMatchObject({ code: "disk-full" });
    wait(11 * MINUTE_MS);
    await collectWith(SHORT);
    expect(readdirSync(folder.blobs, { recursive: true }).map(String).join(" ")).not.toMatch(
      /[0-9a-f]{62}/,
    );
    const refused = await rejectionOf(box.submit(alice, snapshot));
    expect(refused).toMatchObject({ code: "snapshot-missing" });
    const { missing } = await box.snapshots.acceptManifest(manifestOf(tree), sender);
    expect(missing.toSorted()).toEqual([sha256("one"), sha256("two")].toSorted());
    expect(await box.send(alice, tree)).toBe(snapshot);
    await box.submit(alice, snapshot);
    await box.snapshots.checkout(snapshot, join(box.dataDir, "out"));
  });
});

describe("while room is short, an upload that relies on a file sent long ago", () => {
  const tree = { a: "old", b: "new" };

  beforeEach(async () => {
    await box.snapshots.receiveBlobs(inChunks(frame("old")), sender);
    await box.snapshots.settled();
    wait(90 * MINUTE_MS);
  });

  const ask = () => box.snapshots.acceptManifest(manifestOf(tree), sender);
  const sendNew = () => box.snapshots.receiveBlobs(inChunks(frame("new")), sender);

  test("keeps it for ten minutes from the list of files", async () => {
    const { snapshot, missing } = await ask();
    expect(missing).toEqual([sha256("new")]);
    wait(9 * MINUTE_MS);
    await collectWith(SHORT);
    await sendNew();
    expect(await box.snapshots.completeSnapshot(snapshot, sender)).toBe(true);
    await collectWith(SHORT);
    await box.snapshots.checkout(snapshot, join(box.dataDir, "out"));
  });

  test("is not whole with its last file where that was collected: it asks again, and is told", async () => {
    const { snapshot } = await ask();
    wait(11 * MINUTE_MS);
    await collectWith(SHORT);
    expect(isThere("old")).toBe(false);
    await sendNew();
    expect(await box.snapshots.completeSnapshot(snapshot, sender)).toBe(false);
    expect((await ask()).missing).toEqual([sha256("old")]);
  });

  for (const when of ["before", "after"] as const) {
    test(`keeps it where a collection comes ${when} the note of the whole snapshot, however late`, async () => {
      const { snapshot } = await ask();
      // By then what comes is noted apart from what was there.
      wait(31 * MINUTE_MS);
      await sendNew();
      const around: Sender = {
        ...sender,
        noteSnapshot: async (noted) => {
          if (when === "before") await collectWith(SHORT);
          await sender.noteSnapshot(noted);
          if (when === "after") await collectWith(SHORT);
        },
      };
      expect(await box.snapshots.completeSnapshot(snapshot, around)).toBe(true);
      await collectWith(SHORT);
      await box.submit(alice, snapshot);
      await box.snapshots.checkout(snapshot, join(box.dataDir, "out"));
    });
  }
});
