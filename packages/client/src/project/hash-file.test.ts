// Tests of reading a file that does not keep still.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
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
    return { read: await changingWhileRead(grow, () => hashFile(path, { delay })), pauses };
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
