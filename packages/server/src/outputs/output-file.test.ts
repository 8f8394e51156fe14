// Opening a file of the outputs whose owner would have the server open something else.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { findOutputFolder } from "./output-folder.ts";
import { openOutput } from "./output-file.ts";
import {
  makeOutputs,
  openBelow,
  SECRET,
  swapForLink,
  type OutputsUnderTest,
} from "./outputs.fixture.ts";

let outputs: OutputsUnderTest;

beforeEach(() => {
  outputs = makeOutputs();
});
afterEach(() => outputs[Symbol.dispose]());

async function etag(path: string, now = Date.now() + 1000): Promise<string> {
  const file = await openOutput(outputs.folder, path, now);
  if (typeof file === "string") throw new Error(file);
  await file.close();
  return file.etag;
}

describe("openOutput()", () => {
  test("gives a file with its size and time, and goes on with it when it is replaced", async () => {
    outputs.write("sub/a", "first");
    utimesSync(join(outputs.path, "sub/a"), 1_700_000_000, 1_700_000_000);
    const file = await openOutput(outputs.folder, "sub/a", Date.now());
    if (typeof file === "string") throw new Error(file);
    expect([file.sizeBytes, file.modifiedAt]).toEqual([5, 1_700_000_000_000]);
    outputs.write("b", "second");
    renameSync(join(outputs.path, "b"), join(outputs.path, "sub/a"));
    expect(await file.handle.readFile("utf8")).toBe("first");
    await file.close();
    await file.close();
    expect(openBelow(outputs.path)).toBe(0);
  });

  test("follows no link, neither at the end nor on the way, and waits for no pipe", async () => {
    symlinkSync(join(outputs.outside, "secret"), join(outputs.path, "link"));
    symlinkSync(outputs.outside, join(outputs.path, "way"));
    symlinkSync("link", join(outputs.path, "link2"));
    Bun.spawnSync(["mkfifo", join(outputs.path, "pipe")]);
    outputs.write("sub/file");
    expect(await outputs.read("link")).toBe("not-a-file");
    expect(await outputs.read("link2")).toBe("not-a-file");
    expect(await outputs.read("way/secret")).toBe("absent");
    expect(await outputs.read("../outside/secret")).toBe("absent");
    expect(await outputs.read("pipe")).toBe("not-a-file");
    expect(await outputs.read("sub")).toBe("not-a-file");
    expect(await outputs.read("")).toBe("not-a-file");
    expect(await outputs.read("nothing")).toBe("absent");
    expect(await outputs.read("sub/file/x")).toBe("absent");
    expect(await outputs.read("x".repeat(300))).toBe("absent");
    expect(openBelow(outputs.path)).toBe(0);
  });

  test("never gives what is outside while a folder is swapped for a link as fast as can be", async () => {
    outputs.write("sub/secret", "mine");
    const swapping = swapForLink(outputs, "sub");
    const seen = new Map<string, number>();
    try {
      const enough = () => (seen.get("mine") ?? 0) >= 20 && (seen.get("absent") ?? 0) >= 20;
      for (let i = 0; i < 200_000 && !enough(); i++) {
        const text = await outputs.read("sub/secret");
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
    } finally {
      await swapping.stop();
    }
    expect(seen.has(SECRET)).toBe(false);
    // Both sides of the race were met, so the test could have failed.
    expect([...seen.keys()].toSorted()).toEqual(["absent", "mine"]);
  });

  test.skipIf(process.getuid?.() === 0)("says so when the server may not read it", async () => {
    outputs.write("locked");
    chmodSync(join(outputs.path, "locked"), 0);
    expect(await outputs.read("locked")).toBe("unreadable");
  });
});

describe("the tag of a file", () => {
  test("changes with every change of content, also one that keeps size and time", async () => {
    outputs.write("a", "12345");
    const first = await etag("a");
    expect(first).toMatch(/^"[0-9a-f-]+"$/);
    expect(await etag("a")).toBe(first);
    appendFileSync(join(outputs.path, "a"), "6");
    const second = await etag("a");
    outputs.write("a", "654321");
    utimesSync(join(outputs.path, "a"), 1_700_000_000, 1_700_000_000);
    const third = await etag("a");
    outputs.write("a", "abcdef");
    utimesSync(join(outputs.path, "a"), 1_700_000_000, 1_700_000_000);
    expect(new Set([first, second, third, await etag("a")]).size).toBe(4);
  });

  test("is weak while another change could leave no trace", async () => {
    outputs.write("a");
    expect(await etag("a", Date.now())).toMatch(/^W\/"/);
  });
});

describe("findOutputFolder()", () => {
  test("finds no folder where a link stands in its place or on the way, and none that is missing", () => {
    const [moved, inner] = [join(outputs.outside, "moved"), join(outputs.path, "inner")];
    expect(findOutputFolder(inner)).toBeNull();
    writeFileSync(inner, "");
    expect(findOutputFolder(inner)).toBeNull();
    rmSync(inner);
    renameSync(outputs.path, moved);
    symlinkSync(moved, outputs.path);
    expect(findOutputFolder(outputs.path)).toBeNull();
    expect(findOutputFolder(join(outputs.path, "sub"))).toBeNull();
    expect(findOutputFolder(moved)).not.toBeNull();
  });
});
