// Tests of which snapshots and blobs are removed, and what those who sent them are told afterwards.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KeyHolder } from "../domain/principal.ts";
import { refuseRemovedCode } from "../queue/removed-files.ts";
import { snapshotFolder, type SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { sha256 } from "../snapshots/snapshots.fixture.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { DAY_MS, manifestOf, openRetention, type RetentionUnderTest } from "./retention.fixture.ts";

let box: RetentionUnderTest;
let alice: KeyHolder;
let bob: KeyHolder;
let folder: SnapshotFolder;

beforeEach(async () => {
  box = await openRetention();
  alice = await box.addUser("alice");
  bob = await box.addUser("bob");
  folder = snapshotFolder(join(box.dataDir, "snapshots"));
});

afterEach(() => box[Symbol.asyncDispose]());

/** As a server that was started anew: what uploads rely on is forgotten. */
const collectAfterRestart = () => box.collect({ restarted: true });

const filesIn = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => parentPath.slice(-2) + name)
    .toSorted();
const blobs = () => filesIn(folder.blobs);
const manifests = () => filesIn(folder.manifests);
const hashes = (...contents: readonly string[]) => contents.map((text) => sha256(text)).toSorted();

describe("a snapshot", () => {
  test("stays while a job that names it is unfinished, pinned or younger than code is kept", async () => {
    const queued = await box.send(alice, { a: "queued" });
    const pinned = await box.send(alice, { a: "pinned" });
    const fresh = await box.send(alice, { a: "fresh" });
    await box.pin(alice, await box.runJob(alice, pinned));
    const waiting = await box.submit(alice, queued);
    box.advance(200 * DAY_MS);
    await box.runJob(alice, fresh);
    expect(waiting).toBeNumber();
    box.advance(89 * DAY_MS);
    await collectAfterRestart();
    expect(manifests()).toEqual([queued, pinned, fresh].toSorted());
    expect(blobs()).toEqual(hashes("queued", "pinned", "fresh"));
  });

  test("goes 90 days after the end of its last job, with the files that no other has", async () => {
    const old = await box.send(alice, { a: "old", b: "both" });
    const young = await box.send(bob, { b: "both", c: "young" });
    const first = await box.runJob(alice, old);
    await box.pin(bob, await box.runJob(bob, young));
    box.advance(91 * DAY_MS);
    const report = await collectAfterRestart();
    expect(manifests()).toEqual([young]);
    expect(blobs()).toEqual(hashes("both", "young"));
    expect(report.removed.map(({ kind, count }) => [kind, count])).toContainEqual(["code", 1]);
    expect(report.removed.map(({ kind, count }) => [kind, count])).toContainEqual(["blobs", 1]);
    const job = { id: first, name: "train" };
    expect(() => refuseRemovedCode(box.options.db, job, old)).toThrow(/was removed on \d{4}-/);
    await box.snapshots.checkout(young, join(box.dataDir, "out"));
  });

  test("that was removed is asked for again, and works as before", async () => {
    const tree = { a: "old", "dir/b": "more" };
    const snapshot = await box.send(alice, tree);
    const first = await box.runJob(alice, snapshot);
    box.advance(91 * DAY_MS);
    await collectAfterRestart();
    expect(blobs()).toEqual([]);
    const refusal = await rejectionOf(box.submit(alice, snapshot));
    expect(refusal).toMatchObject({ code: "snapshot-missing" });
    expect(await box.send(alice, tree)).toBe(snapshot);
    await box.submit(alice, snapshot);
    await box.snapshots.checkout(snapshot, join(box.dataDir, "out"));
    expect(() =>
      refuseRemovedCode(box.options.db, { id: first, name: "train" }, snapshot),
    ).not.toThrow();
    box.advance(91 * DAY_MS);
    await collectAfterRestart();
    expect(manifests()).toEqual([snapshot]);
  });

  test("that no job names goes a day after it was sent last", async () => {
    const snapshot = await box.send(alice, { a: "never run" });
    box.advance(0.9 * DAY_MS);
    await collectAfterRestart();
    expect(manifests()).toEqual([snapshot]);
    await box.send(alice, { a: "never run" });
    box.advance(0.9 * DAY_MS);
    await collectAfterRestart();
    expect(manifests()).toEqual([snapshot]);
    box.advance(0.2 * DAY_MS);
    await collectAfterRestart();
    expect(manifests()).toEqual([]);
    expect(blobs()).toEqual([]);
  });

  test("of the store that was marked, but whose file a dead server left, goes later", async () => {
    const snapshot = await box.send(alice, { a: "1" });
    box.options.db.transact(() => box.options.db.run("UPDATE snapshots SET removed_at = 1"));
    await collectAfterRestart();
    expect(manifests()).toEqual([snapshot]);
    box.advance(2 * DAY_MS);
    await collectAfterRestart();
    expect(manifests()).toEqual([]);
    expect(blobs()).toEqual([]);
  });
});

describe("a blob", () => {
  test("that was sent for a manifest that never came goes after a day, and is asked for again", async () => {
    const sender = box.sender(alice);
    await box.send(alice, { a: "kept" });
    await box.pin(alice, await box.submit(alice, await box.send(alice, { a: "kept" })));
    const place = folder.blob(sha256("stray"));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, "stray");
    await sender.noteBlobs([sha256("stray")]);
    await collectAfterRestart();
    expect(blobs()).toEqual(hashes("kept", "stray"));
    box.advance(1.1 * DAY_MS);
    await collectAfterRestart();
    expect(blobs()).toEqual(hashes("kept"));
    expect(await sender.heldBlobs(hashes("stray", "kept"))).toEqual(new Set(hashes("kept")));
  });

  test("that an upload relies on just now stays, however old it is", async () => {
    const old = await box.send(alice, { a: "old" });
    expect(old).toHaveLength(64);
    box.advance(2 * DAY_MS);
    // The list of files is refused as incomplete: "old" is there, "new" is to come.
    const { missing } = await box.snapshots.acceptManifest(
      manifestOf({ a: "old", b: "new" }),
      box.sender(alice),
    );
    expect(missing).toEqual(hashes("new"));
    await box.collect();
    expect(blobs()).toEqual(hashes("old"));
    expect(await box.sender(alice).heldBlobs(hashes("old"))).toEqual(new Set(hashes("old")));
  });

  test("is never removed while a list of files cannot be read", async () => {
    const snapshot = await box.send(alice, { a: "1" });
    await box.submit(alice, snapshot);
    rmSync(folder.manifest(snapshot));
    mkdirSync(folder.manifest(snapshot));
    box.advance(2 * DAY_MS);
    const { problems } = await collectAfterRestart();
    expect(problems.join()).toContain("blobs:");
    expect(blobs()).toEqual(hashes("1"));
  });
});

test("an upload that was not finished goes when it was not written to for a day", async () => {
  const before = new Date(Date.now() - 2 * DAY_MS);
  mkdirSync(join(folder.begun, "1"), { recursive: true });
  writeFileSync(join(folder.begun, "1/old"), "half of it");
  writeFileSync(join(folder.begun, "1/young"), "half of it");
  utimesSync(join(folder.begun, "1/old"), before, before);
  const { removed } = await box.collect();
  expect(readdirSync(join(folder.begun, "1"))).toEqual(["young"]);
  expect(removed).toMatchObject([{ kind: "uploads", count: 1 }]);
});
