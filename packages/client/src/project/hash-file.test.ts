// Tests of reading a file that does not keep still.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
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
const turn = () => new Promise((resolve) => setImmediate(resolve));

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

test("hashFile() gives up on a file that changes each time, and on one that grows while it is read", async () => {
  at.write("file", new Uint8Array(5 * 1024 ** 2));
  let isDone = false;
  const work = hashFile(path).finally(() => {
    isDone = true;
  });
  const grow = async (): Promise<void> => {
    if (isDone) return;
    appendFileSync(path, "x");
    await turn();
    await grow();
  };
  await grow();
  expect((await work).kind).toBe("unsteady");
});
