// Tests of manifests that are told by what differs from one that was sent before.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  comparePaths,
  FetchmlError,
  manifestChangeText,
  type ManifestChange,
  type ManifestEntry,
} from "@fetchml/protocol";
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
import { DEFAULT_SNAPSHOT_LIMITS, openSnapshots } from "./snapshots.ts";

let at: SnapshotsUnderTest;
let alice: SenderUnderTest;
beforeEach(async () => {
  at = await makeSnapshots({
    ...DEFAULT_SNAPSHOT_LIMITS,
    entries: 6,
    totalBytes: 100,
    blobBytes: 60,
  });
  alice = makeSender();
  await send(alice, ...CONTENTS);
  await at.snapshots.acceptManifest(textOf(...BASE), alice);
});
afterEach(() => at[Symbol.asyncDispose]());

const CONTENTS = ["one", "two", "three"];
const link = (path: string, target: string): ManifestEntry => ({ kind: "symlink", path, target });
const BASE = [
  fileEntry("a", "one"),
  fileEntry("dir/b", "two"),
  link("dir/l", "../a"),
  fileEntry("z", "three"),
];
const BASE_ID = sha256(textOf(...BASE));

const send = (sender: SenderUnderTest, ...contents: readonly string[]) =>
  at.snapshots.receiveBlobs(
    inChunks(Buffer.concat(contents.map((content) => frame(content)))),
    sender,
  );

/** The text that turns the base into these, without those that are gone. */
function changeTo(
  entries: readonly ManifestEntry[],
  removed: readonly string[] = [],
): ManifestChange {
  const all = new Map([...BASE, ...entries].map((one) => [one.path, one]));
  for (const path of removed) all.delete(path);
  const after = [...all.values()].toSorted((a, b) => comparePaths(a.path, b.path));
  const snapshot = sha256(textOf(...after));
  return { version: 1, base: BASE_ID, snapshot, removed: [...removed], entries: [...entries] };
}

async function outcomeOf(change: ManifestChange, sender = alice): Promise<string> {
  const error: unknown = await at.snapshots.acceptManifest(manifestChangeText(change), sender).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error === null) return "taken";
  if (!(error instanceof FetchmlError)) throw new Error("a bug", { cause: error });
  expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  return `${error.code}: ${error.message}`;
}

describe("acceptManifest() of a change", () => {
  test("asks for what is new alone, and stores the whole list when that has come", async () => {
    const change = changeTo([fileEntry("a", "four"), fileEntry("b", "five")], ["dir/b"]);
    const asked = await at.snapshots.acceptManifest(manifestChangeText(change), alice);
    expect(asked).toEqual({
      snapshot: change.snapshot,
      missing: [sha256("four"), sha256("five")],
      begun: new Map(),
    });
    await send(alice, "four", "five");
    expect(await at.snapshots.completeSnapshot(change.snapshot, alice)).toBeTrue();
    expect(alice.noted.at(-1)).toEqual({ id: change.snapshot, file_count: 3, size_bytes: 13 });
    expect(
      (await at.snapshots.readManifest(change.snapshot)).entries.map(({ path }) => path),
    ).toEqual(["a", "b", "dir/l", "z"]);
  });

  test("stores at once what needs nothing new, and takes that for the next base", async () => {
    const change = changeTo([fileEntry("a", "two")], []);
    const { missing } = await at.snapshots.acceptManifest(manifestChangeText(change), alice);
    expect(missing).toEqual([]);
    expect(alice.noted.at(-1)).toEqual({ id: change.snapshot, file_count: 3, size_bytes: 11 });
    const back = {
      ...change,
      base: change.snapshot,
      snapshot: BASE_ID,
      entries: [fileEntry("a", "one")],
    };
    expect(await outcomeOf(back)).toBe("taken");
  });

  test("answers the same for a base that is nowhere, a stranger's, gone, and damaged", async () => {
    const change = changeTo([fileEntry("a", "two")]);
    const nowhere = await outcomeOf({ ...change, base: "0".repeat(64) });
    expect(nowhere).toStartWith("snapshot-missing: ");
    expect(await outcomeOf(change, makeSender())).toBe(nowhere);
    const path = join(at.folder, "manifests", BASE_ID.slice(0, 2), BASE_ID.slice(2));
    writeFileSync(path, textOf(...BASE).replace('"z"', '"y"'));
    expect(await outcomeOf(change)).toBe(nowhere);
    rmSync(path);
    expect(await outcomeOf(change)).toBe(nowhere);
    expect(alice.noted).toHaveLength(1);
  });

  test("refuses a result that is not the snapshot that was named", async () => {
    const change = changeTo([fileEntry("a", "two")]);
    expect(await outcomeOf({ ...change, snapshot: BASE_ID })).toContain("bad-content");
    expect(await outcomeOf({ ...change, entries: [fileEntry("a", "two", true)] })).toContain(
      "bad-content",
    );
    expect(alice.noted).toHaveLength(1);
  });

  test("refuses results that no whole list may be", async () => {
    const cases: Readonly<Record<string, readonly [string, ManifestChange]>> = {
      "a folder above": ["bad-content", changeTo([fileEntry("../x", "one")])],
      "an absolute path": ["bad-content", changeTo([fileEntry("/x", "one")])],
      "a control character": ["bad-content", changeTo([fileEntry("x\n", "one")])],
      "half a character": ["bad-content", changeTo([fileEntry("x\ud800", "one")])],
      "a path below a file": ["bad-content", changeTo([fileEntry("a/x", "one")])],
      "a path below a link": ["bad-content", changeTo([fileEntry("dir/l/x", "one")])],
      "a file where a folder is": ["bad-content", changeTo([fileEntry("dir", "one")])],
      "a link where a folder is": ["bad-content", changeTo([link("dir", "a")])],
      "a link in the place of a file that leads out": ["bad-content", changeTo([link("z", "..")])],
      "a link that leads out": ["bad-content", changeTo([link("x", "dir/../../y")])],
      "another case": ["bad-content", changeTo([fileEntry("A", "one")])],
      "another case of a folder": ["bad-content", changeTo([fileEntry("Dir/x", "one")])],
      "a hash of two sizes": [
        "bad-content",
        changeTo([{ ...fileEntry("a", "one"), size_bytes: 4 } as ManifestEntry]),
      ],
      "a new hash of two sizes": [
        "bad-content",
        changeTo([
          fileEntry("a", "new"),
          { ...fileEntry("z", "new"), size_bytes: 4 } as ManifestEntry,
        ]),
      ],
      "too many files": [
        "too-large",
        changeTo([fileEntry("x", ""), fileEntry("xx", ""), fileEntry("y", "")]),
      ],
      "a file too large": ["too-large", changeTo([fileEntry("a", "x".repeat(61))])],
      "too much in all": [
        "too-large",
        changeTo([fileEntry("a", "x".repeat(50)), fileEntry("z", "y".repeat(50))]),
      ],
    };
    for (const [what, [code, change]] of Object.entries(cases)) {
      expect([what, await outcomeOf(change)]).toEqual([what, expect.stringContaining(code)]);
    }
    expect(alice.noted).toHaveLength(1);
  });

  test("refuses the removal of a link by whose way another stays inside", async () => {
    const links = [link("l", "dir/deep"), link("m", "l/../../a")];
    const base = [...BASE, fileEntry("dir/deep/x", "one"), ...links].toSorted((a, b) =>
      comparePaths(a.path, b.path),
    );
    await using other = await makeSnapshots();
    await other.snapshots.receiveBlobs(
      inChunks(Buffer.concat(CONTENTS.map((one) => frame(one)))),
      alice,
    );
    const { snapshot } = await other.snapshots.acceptManifest(textOf(...base), alice);
    const after = base.filter(({ path }) => path !== "l");
    const change = {
      version: 1,
      base: snapshot,
      snapshot: sha256(textOf(...after)),
      removed: ["l"],
      entries: [],
    } as const;
    const error: unknown = await other.snapshots
      .acceptManifest(manifestChangeText({ ...change, removed: ["l"], entries: [] }), alice)
      .catch((cause: unknown) => cause);
    expect(String(error)).toContain("leads out");
  });

  test("refuses what limits that were lowered since do not allow, though nothing of it is new", async () => {
    const change = changeTo([fileEntry("a", "two")]);
    for (const lower of [
      { entries: 3 },
      { blobBytes: 4 },
      { totalBytes: 10 },
      { manifestBytes: 100 },
    ]) {
      const lowered = await openSnapshots(at.folder, { ...DEFAULT_SNAPSHOT_LIMITS, ...lower });
      const error: unknown = await lowered
        .acceptManifest(manifestChangeText(change), alice)
        .catch((cause: unknown) => cause);
      await lowered.close();
      expect(error).toMatchObject({ code: "too-large" });
    }
  });

  test("believes no size of a blob: one of another size stays missing", async () => {
    const lie = { ...fileEntry("a", "new"), size_bytes: 1 } as ManifestEntry;
    const change = changeTo([lie]);
    expect(await outcomeOf(change)).toBe("taken");
    await send(alice, "new");
    expect(await at.snapshots.completeSnapshot(change.snapshot, alice)).toBeFalse();
    expect(await outcomeOf(change)).toContain("another size");
    expect(alice.noted).toHaveLength(1);
  });
});
