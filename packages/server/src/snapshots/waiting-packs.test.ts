// Tests of small blobs that travel and wait in packs.
import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { comparePaths } from "@fetchml/protocol";
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
  // Nothing happens by itself, however slow the machine is.
  at = await makeSnapshots(undefined, { quietMs: 3_600_000 });
  alice = makeSender();
});
afterEach(() => at[Symbol.asyncDispose]());

const CONTENTS = Array.from({ length: 300 }, (_, index) => `print(${index})`);
const TEXT = textOf(
  ...CONTENTS.map((content, index) => fileEntry(`${index}.py`, content)).toSorted((a, b) =>
    comparePaths(a.path, b.path),
  ),
);
const placeOf = (content: string, folder = at.folder) => {
  const hash = sha256(content);
  return join(folder, "blobs", hash.slice(0, 2), hash.slice(2));
};
const packs = () => readdirSync(join(at.folder, "packs"));

function send(contents: readonly string[] = CONTENTS): Promise<number> {
  const stream = Buffer.concat(contents.map((content) => frame(content)));
  return at.snapshots.receiveBlobs(inChunks(stream), alice);
}

/** The contents of a tree that was written from a store. */
async function checkedOut(snapshots = at.snapshots): Promise<readonly string[]> {
  const target = join(at.folder, "tree");
  await snapshots.checkout(sha256(TEXT), target);
  return CONTENTS.map((_, index) => readFileSync(join(target, `${index}.py`), "utf8"));
}

describe("many small blobs", () => {
  test("lie in one file when they are acknowledged, and count as present", async () => {
    expect(await send()).toBe(300);
    expect(packs()).toHaveLength(1);
    expect(at.files().length).toBeLessThan(20);
    expect((await at.snapshots.acceptManifest(TEXT, alice)).missing).toEqual([]);
    expect(packs()).toHaveLength(1);
  });

  test("become files before anybody reads them", async () => {
    await send();
    await at.snapshots.acceptManifest(TEXT, alice);
    expect(await checkedOut()).toEqual(CONTENTS);
    expect(packs()).toEqual([]);
    expect(readdirSync(join(at.folder, "tmp"))).toEqual([]);
  });

  test("become files by themselves, soon after the last upload", async () => {
    await at[Symbol.asyncDispose]();
    at = await makeSnapshots(undefined, { quietMs: 20 });
    await send();
    const deadline = Date.now() + 20_000;
    while (packs().length > 0) {
      expect(Date.now()).toBeLessThan(deadline);
      await Bun.sleep(20);
    }
    expect(readFileSync(placeOf("print(299)"), "utf8")).toBe("print(299)");
  });

  test("are there after the server died between the acknowledgement and that", async () => {
    await send();
    const copy = join(at.folder, "copy");
    cpSync(join(at.folder, "packs"), join(copy, "packs"), { recursive: true });
    cpSync(join(at.folder, "blobs"), join(copy, "blobs"), { recursive: true });
    // It had begun: one file is half written, another holds rubbish of the right length.
    for (const [content, half] of [
      ["print(200)", "pri"],
      ["print(201)", "\0".repeat(10)],
    ] as const) {
      mkdirSync(dirname(placeOf(content, copy)), { recursive: true });
      writeFileSync(placeOf(content, copy), half);
    }
    const again = await openSnapshots(copy);
    expect((await again.acceptManifest(TEXT, alice)).missing).toEqual([]);
    expect(await checkedOut(again)).toEqual(CONTENTS);
    expect(readdirSync(join(copy, "packs"))).toEqual([]);
    await again.close();
  });

  test("of a pack that is cut or spoilt are missing, and asked for again; the others are there", async () => {
    await send();
    await at.snapshots.close();
    const [name = ""] = packs();
    const pack = join(at.folder, "packs", name);
    const bytes = readFileSync(pack);
    const spoilt = bytes.indexOf("print(100)");
    bytes[spoilt] = 0;
    writeFileSync(pack, bytes.subarray(0, bytes.length - 3));
    const again = await openSnapshots(at.folder);
    const { missing } = await again.acceptManifest(TEXT, alice);
    expect(missing.toSorted()).toEqual([sha256("print(100)"), sha256("print(299)")].toSorted());
    await again.close();
  });

  test("of several packs are all there, the same ones once", async () => {
    await Promise.all([send(), send(CONTENTS.slice(100)), send(CONTENTS.slice(0, 200))]);
    await at.snapshots.settled();
    await at.snapshots.acceptManifest(TEXT, alice);
    expect(await checkedOut()).toEqual(CONTENTS);
    expect(packs()).toEqual([]);
  });

  test("are noted bit by bit while a slow upload goes on", async () => {
    const notes: number[] = [];
    const sender = {
      ...alice,
      noteBlobs: async (hashes: readonly string[]) => {
        notes.push(hashes.length);
      },
    };
    let time = 0;
    const now = spyOn(performance, "now").mockImplementation(() => time);
    async function* slowly(): AsyncGenerator<Uint8Array, void, void> {
      for (const content of CONTENTS.slice(0, 90)) {
        time += 200;
        yield frame(content);
      }
    }
    expect(await at.snapshots.receiveBlobs(slowly(), sender)).toBe(90);
    now.mockRestore();
    expect(notes.length).toBeGreaterThan(2);
    expect(notes.reduce((sum, count) => sum + count)).toBe(90);
  });
});

test("a tree is written without waiting for what others have sent meanwhile", async () => {
  const bob = makeSender();
  const stream = Buffer.concat([frame("bob's")]);
  await at.snapshots.receiveBlobs(inChunks(stream), bob);
  const { snapshot } = await at.snapshots.acceptManifest(textOf(fileEntry("a", "bob's")), bob);
  await send();
  await at.snapshots.checkout(snapshot, join(at.folder, "tree"));
  expect(packs()).toHaveLength(1);
});

describe("close()", () => {
  test("stops without losing what waits, and may be called twice", async () => {
    await send();
    await Promise.all([at.snapshots.close(), at.snapshots.close()]);
    await at.snapshots.close();
    expect(packs()).toHaveLength(1);
    expect(String(await at.snapshots.settled().catch((error: unknown) => error))).toContain(
      "closed",
    );
  });
});
