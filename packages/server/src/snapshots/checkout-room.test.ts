// Tests of laying out a project on a disk that takes only so many files.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import {
  fileEntry,
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  textOf,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";

/** Files, links and folders of the project below. */
const PATHS = 6;

let spare: number;
let at: SnapshotsUnderTest;
let outside: string;
let snapshot: string;
beforeEach(async () => {
  spare = 1000;
  at = await makeSnapshots(undefined, {
    room: {
      isShort: () => false,
      refuseUnlessRoomFor: ({ files = 0, promisedFiles = 0 }, what) => {
        if (files + promisedFiles > spare) throw new FetchmlError("disk-full", `${what}: full`);
      },
    },
  });
  outside = mkdtempSync(join(tmpdir(), "fetchml-checkout-room-"));
  const sender = makeSender();
  const link = { kind: "symlink", path: "z", target: "gone" } as const;
  const files = ["deep/a", "deep/er/b", "deep/er/c"].map((path) => fileEntry(path, path));
  const sent = files.map(({ path }) => frame(path));
  await at.snapshots.receiveBlobs(inChunks(Buffer.concat(sent)), sender);
  ({ snapshot } = await at.snapshots.acceptManifest(textOf(...files, link), sender));
  await at.snapshots.settled();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
  rmSync(outside, { recursive: true, force: true });
});

const layOut = (name: string) =>
  at.snapshots.checkout(snapshot, join(outside, name)).then(
    () => "laid out",
    (error: unknown) => (error instanceof FetchmlError ? error.code : error),
  );

test("checkout() writes nothing when the disk takes fewer files than the project has", async () => {
  spare = PATHS - 1;
  expect(await layOut("one")).toBe("disk-full");
  expect(existsSync(join(outside, "one"))).toBe(false);
  spare = PATHS;
  expect(await layOut("one")).toBe("laid out");
  expect(readdirSync(join(outside, "one"), { recursive: true })).toHaveLength(PATHS);
});

test("of two at once for which there is room alone one is laid out, and the other later", async () => {
  spare = PATHS * 2 - 1;
  const both = await Promise.all([layOut("one"), layOut("two")]);
  expect(both.toSorted()).toEqual(["disk-full", "laid out"]);
  expect(await layOut("three")).toBe("laid out");
});

test("one that fails keeps no room", async () => {
  spare = PATHS;
  rmSync(join(at.folder, "blobs"), { recursive: true });
  expect([await layOut("one"), await layOut("two")]).toEqual([
    "snapshot-missing",
    "snapshot-missing",
  ]);
});
