// Tests of the store of snapshots as a whole.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import {
  fileEntry,
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  sha256,
  textOf,
  type SenderUnderTest,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";
import { openSnapshots } from "./snapshots.ts";

let at: SnapshotsUnderTest;
let alice: SenderUnderTest;
beforeEach(async () => {
  at = await makeSnapshots();
  alice = makeSender();
});
afterEach(() => at[Symbol.asyncDispose]());

const TEXT = textOf(fileEntry("a", "one"), fileEntry("b", "two"), fileEntry("c", "one"));
const ID = sha256(TEXT);
const [ONE, TWO] = [sha256("one"), sha256("two")];

const send = (sender: SenderUnderTest, ...contents: readonly string[]) =>
  at.snapshots.receiveBlobs(
    inChunks(Buffer.concat(contents.map((content) => frame(content)))),
    sender,
  );

async function failureOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}

async function ask(sender: SenderUnderTest, text = TEXT) {
  const { snapshot, missing } = await at.snapshots.acceptManifest(text, sender);
  return { snapshot, missing };
}

describe("acceptManifest()", () => {
  test("asks for each blob once until all are there, then stores the manifest", async () => {
    const { snapshots } = at;
    expect(await ask(alice)).toEqual({
      snapshot: ID,
      missing: [ONE, TWO],
    });
    await send(alice, "two");
    expect(await ask(alice)).toEqual({ snapshot: ID, missing: [ONE] });
    expect((await failureOf(snapshots.readManifest(ID))).code).toBe("snapshot-missing");
    expect(alice.noted).toEqual([]);
    await send(alice, "one");
    expect(await ask(alice)).toEqual({ snapshot: ID, missing: [] });
    expect(alice.noted).toEqual([{ id: ID, file_count: 3, size_bytes: 9 }]);
    expect((await snapshots.readManifest(ID)).entries).toHaveLength(3);
  });

  test("gives away nothing of what others have sent", async () => {
    await send(alice, "one", "two");
    await at.snapshots.acceptManifest(TEXT, alice);
    const mallory = makeSender();
    const answer = await at.snapshots.acceptManifest(TEXT, mallory);
    expect(answer.missing).toEqual([ONE, TWO]);
    expect(mallory.noted).toEqual([]);
    // Nor whether a size is right.
    const lie = textOf(fileEntry("a", "one")).replace('"size_bytes":3', '"size_bytes":4');
    expect((await at.snapshots.acceptManifest(lie, mallory)).missing).toEqual([ONE]);
    expect((await failureOf(at.snapshots.acceptManifest(lie, alice))).code).toBe("bad-content");
  });

  test("asks again for a blob that was noted and is gone from the disk", async () => {
    await send(alice, "one", "two");
    rmSync(join(at.folder, "blobs", ONE.slice(0, 2), ONE.slice(2)));
    expect((await at.snapshots.acceptManifest(TEXT, alice)).missing).toEqual([ONE]);
  });

  test("takes the same manifest from several users at once", async () => {
    const senders = [alice, makeSender(), makeSender()];
    for (const sender of senders) await send(sender, "one", "two");
    const answers = await Promise.all(
      senders.map((sender) => at.snapshots.acceptManifest(TEXT, sender)),
    );
    expect(answers.every(({ missing }) => missing.length === 0)).toBe(true);
    expect(readdirSync(join(at.folder, "tmp"))).toEqual([]);
  });

  test("takes an empty project", async () => {
    expect((await at.snapshots.acceptManifest(textOf(), alice)).missing).toEqual([]);
    expect(alice.noted[0]?.file_count).toBe(0);
  });
});

describe("completeSnapshot()", () => {
  test("stores a snapshot without its manifest being shown again, when all has come", async () => {
    const { snapshots } = at;
    await ask(alice);
    expect(await snapshots.completeSnapshot(ID, alice)).toBe(false);
    await send(alice, "one");
    expect(await snapshots.completeSnapshot(ID, alice)).toBe(false);
    await send(alice, "two");
    expect(await snapshots.completeSnapshot(ID, makeSender())).toBe(false);
    expect(alice.noted).toEqual([]);
    expect(await snapshots.completeSnapshot(ID, alice)).toBe(true);
    expect(alice.noted).toEqual([{ id: ID, file_count: 3, size_bytes: 9 }]);
    expect((await snapshots.readManifest(ID)).entries).toHaveLength(3);
  });

  const lieOf = (...paths: readonly string[]) =>
    textOf(...paths.map((path) => fileEntry(path, "one"))).replaceAll(
      '"size_bytes":3',
      '"size_bytes":1',
    );

  test("stores nothing when a blob came in another size than the manifest says, and says so", async () => {
    const text = lieOf("a", "b", "c", "d", "e", "f");
    const { snapshot, missing } = await ask(alice, text);
    expect(missing).toEqual([ONE]);
    await send(alice, "one");
    expect(await at.snapshots.completeSnapshot(snapshot, alice)).toBe(false);
    expect(alice.noted).toEqual([]);
    expect((await failureOf(ask(alice, text))).code).toBe("bad-content");
    expect((await failureOf(at.snapshots.readManifest(snapshot))).code).toBe("snapshot-missing");
  });

  test("believes no size but the real one of a blob that two uploads send at once", async () => {
    const text = lieOf("a");
    const { snapshot } = await ask(alice, text);
    const whole = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    async function* slowly() {
      yield Buffer.from("one");
      begun.resolve();
      await whole.promise;
    }
    const piece = { userId: alice.userId, hash: ONE, sizeBytes: 3, offset: 0 };
    const honest = at.snapshots.receiveBlob(slowly(), piece, alice);
    await begun.promise;
    const liar = at.snapshots.receiveBlob(
      inChunks(Buffer.from("o")),
      { ...piece, sizeBytes: 1 },
      alice,
    );
    expect((await failureOf(liar)).code).toBe("bad-content");
    whole.resolve();
    await honest;
    expect(await at.snapshots.completeSnapshot(snapshot, alice)).toBe(false);
  });

  test("knows nothing of a manifest that was never shown", async () => {
    await send(alice, "one", "two");
    expect(await at.snapshots.completeSnapshot(ID, alice)).toBe(false);
    expect(await at.snapshots.completeSnapshot("../../etc/passwd", alice)).toBe(false);
  });
});

describe("openSnapshots()", () => {
  test("keeps what was stored, removes what an upload left behind, and is private", async () => {
    await send(alice, "one", "two");
    await at.snapshots.acceptManifest(TEXT, alice);
    mkdirSync(join(at.folder, "tmp", "upload"));
    writeFileSync(join(at.folder, "tmp", "upload", "1"), "half");
    const again = await openSnapshots(at.folder);
    expect(readdirSync(join(at.folder, "tmp"))).toEqual([]);
    expect((await again.readManifest(ID)).entries).toHaveLength(3);
    expect((await again.acceptManifest(TEXT, alice)).missing).toEqual([]);
    for (const name of ["blobs", "manifests", "tmp", join("blobs", ONE.slice(0, 2))]) {
      expect(statSync(join(at.folder, name)).mode & 0o777).toBe(0o700);
    }
  });
});

describe("readManifest()", () => {
  test("refuses an id that is no hash, such as a path", async () => {
    for (const id of ["", "../../etc/passwd", `${ID}/..`, ID.toUpperCase(), "a".repeat(63)]) {
      expect((await failureOf(at.snapshots.readManifest(id))).code).toBe("snapshot-missing");
    }
  });

  test("gives what was taken when a path could be longer and deeper", async () => {
    const text = textOf(fileEntry(`${"x/".repeat(2000)}f`, ""));
    const id = sha256(text);
    mkdirSync(join(at.folder, "manifests", id.slice(0, 2)), { recursive: true });
    writeFileSync(join(at.folder, "manifests", id.slice(0, 2), id.slice(2)), text);
    expect((await at.snapshots.readManifest(id)).entries).toHaveLength(1);
    expect((await failureOf(ask(alice, text))).code).toBe("bad-content");
  });

  test("refuses a manifest that was changed on disk", async () => {
    await send(alice, "one", "two");
    await at.snapshots.acceptManifest(TEXT, alice);
    const path = join(at.folder, "manifests", ID.slice(0, 2), ID.slice(2));
    expect(readFileSync(path, "utf8")).toBe(TEXT);
    writeFileSync(path, textOf(fileEntry("a", "two")));
    expect((await failureOf(at.snapshots.readManifest(ID))).code).toBe("snapshot-missing");
  });
});
