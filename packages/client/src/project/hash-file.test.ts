// Tests of reading a file that does not keep still.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { changingWhileRead } from "./changed-while-read.fixture.ts";
import { hashFile } from "./hash-file.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
let path: string;
beforeEach(() => {
  at = makeProject();
  path = join(at.root, "file");
});
afterEach(() => at[Symbol.dispose]());

const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

describe.each([10, 5 * 1024 ** 2])("hashFile() of %d bytes", (size) => {
  beforeEach(() => at.write("file", new Uint8Array(size).fill(7)));

  test("hashes a file that keeps still", async () => {
    expect(await hashFile(path)).toMatchObject({
      kind: "hashed",
      hash: sha256(readFileSync(path)),
      stamp: { sizeBytes: size },
    });
  });

  test("reads again a file that changed meanwhile", async () => {
    const work = hashFile(path);
    appendFileSync(path, "more");
    expect(await work).toMatchObject({ kind: "hashed", hash: sha256(readFileSync(path)) });
  });

  test("reads again a file that was replaced meanwhile", async () => {
    at.write("other", new Uint8Array(size).fill(8));
    const work = hashFile(path);
    renameSync(join(at.root, "other"), path);
    expect(await work).toMatchObject({ kind: "hashed", hash: sha256(readFileSync(path)) });
  });

  test("says so when it is gone, or is no file any more", async () => {
    rmSync(path);
    expect((await hashFile(path)).kind).toBe("gone");
    mkdirSync(path);
    expect((await hashFile(path)).kind).toBe("gone");
    symlinkSync("/etc/passwd", join(at.root, "link"));
    expect((await hashFile(join(at.root, "link"))).kind).toBe("gone");
    at.write("plain");
    expect((await hashFile(join(at.root, "plain", "file"))).kind).toBe("gone");
  });
});

describe("hashFile() of a file that grows while it is read", () => {
  beforeEach(() => at.write("file", new Uint8Array(2 * 1024 ** 2).fill(7)));

  /** Hashes it while it grows, so many times; answers the pauses too. */
  async function hashGrowing(times: number) {
    const pauses: number[] = [];
    let grown = 0;
    const grow = () => {
      if (grown++ < times) appendFileSync(path, "x");
    };
    const delay = async (ms: number) => {
      pauses.push(ms);
    };
    // What was written just now counts as long settled.
    const later = () => Date.now() + 60_000;
    return {
      read: await changingWhileRead(grow, () => hashFile(path, { delay, now: later })),
      pauses,
    };
  }

  test("gives up after growing pauses of five seconds in all", async () => {
    const { read, pauses } = await hashGrowing(Infinity);
    expect(read.kind).toBe("unsteady");
    expect(pauses.reduce((sum, ms) => sum + ms)).toBe(5000);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  });

  test("hashes it once that ends", async () => {
    const { read, pauses } = await hashGrowing(4);
    expect(read).toMatchObject({ kind: "hashed", hash: sha256(readFileSync(path)) });
    expect(pauses).toHaveLength(4);
  });
});

describe("hashFile() of a file that has changed a moment ago", () => {
  /** Hashes it five milliseconds after its last change, or so much later; calls `meanwhile` in each pause and answers the pauses. */
  async function hashRecent(meanwhile: (turn: number) => void, laterMs = 5) {
    const pauses: number[] = [];
    const read = await hashFile(path, {
      now: () => lstatSync(path).ctimeMs + laterMs,
      delay: async (ms) => {
        pauses.push(ms);
        meanwhile(pauses.length);
      },
    });
    return { read, pauses };
  }
  const nothing = () => undefined;
  const now = () => ({ kind: "hashed", hash: sha256(readFileSync(path)) });

  beforeEach(() => at.write("file", "0"));

  test("reads it twice, and no older one", async () => {
    const recent = await hashRecent(nothing);
    expect(recent.pauses).toEqual([1]);
    expect(recent.read).toMatchObject(now());
    expect((await hashRecent(nothing, 20)).pauses).toEqual([]);
    // A clock that was set back.
    expect((await hashRecent(nothing, -60_000)).pauses).toEqual([]);
  });

  test("takes what stands there in the end", async () => {
    const { read } = await hashRecent((turn) => {
      if (turn <= 3) writeFileSync(path, String(turn));
    });
    expect(read).toMatchObject(now());
    expect(readFileSync(path, "utf8")).toBe("3");
  });

  test("gives up on one that is written over without end", async () => {
    const { read } = await hashRecent((turn) => writeFileSync(path, String(turn % 10)));
    expect(read.kind).toBe("unsteady");
  });

  test("takes one that only grows, or is replaced, as it was at one moment", async () => {
    const grown = await hashRecent(() => appendFileSync(path, "more"));
    expect(grown.read.kind).toBe("hashed");
    const replaced = await hashRecent((turn) => {
      at.write("other", String(turn % 10));
      renameSync(join(at.root, "other"), path);
    });
    expect(replaced.read.kind).toBe("hashed");
    for (const { pauses } of [grown, replaced]) expect(pauses).toEqual([1, 20, 1]);
  });

  test("says when it is gone", async () => {
    const { read } = await hashRecent(() => rmSync(path, { force: true }));
    expect(read.kind).toBe("gone");
  });
});
