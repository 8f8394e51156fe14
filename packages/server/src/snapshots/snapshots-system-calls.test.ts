// What the kernel is asked for, seen by strace: how copies are made, and what is on disk before an answer.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import {
  fileEntry,
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  textOf,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";

let at: SnapshotsUnderTest;
beforeEach(async () => {
  at = await makeSnapshots();
});
afterEach(() => at[Symbol.asyncDispose]());

/** Runs an act of the process fixture; answers the system calls of that kind that it made. */
async function callsOf(calls: string, args: readonly string[]): Promise<readonly string[]> {
  const trace = join(at.folder, "trace");
  const strace = ["strace", "-f", "-y", "-qq", "-o", trace, "-e", `trace=${calls}`];
  const fixture = join(import.meta.dir, "snapshots-process.fixture.ts");
  const child = Bun.spawn([...strace, process.execPath, fixture, ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(await child.stdout.text()).toEndWith("done\n");
  return readFileSync(trace, "utf8").split("\n");
}

describe("checkout()", () => {
  needsSystem("strace")(
    "asks for reflinks, else has the kernel copy, and never makes a hard link",
    async () => {
      const alice = makeSender();
      const contents = ["one", "two"];
      const frames = Buffer.concat(contents.map((content) => frame(content)));
      await at.snapshots.receiveBlobs(inChunks(frames), alice);
      const text = textOf(fileEntry("a", "one"), fileEntry("b", "two"), fileEntry("c", "one"));
      const { snapshot } = await at.snapshots.acceptManifest(text, alice);
      const target = join(at.folder, "work");
      const wanted = "ioctl,copy_file_range,link,linkat";
      const calls = await callsOf(wanted, ["checkout", at.folder, snapshot, target]);
      const copies = calls.filter((call) => call.includes(`${target}/`));
      // Bun does not ask again where it was told that there are none; the kernel makes one of a copy where it can, too.
      expect(copies.some((call) => call.includes("FICLONE"))).toBe(true);
      for (const name of ["a", "b", "c"]) {
        expect(copies.some((call) => call.includes(`${target}/${name}>`))).toBe(true);
      }
      expect(calls.filter((call) => /\blink(at)?\(/.test(call))).toEqual([]);
    },
    30_000,
  );
});

describe("receiveBlobs()", () => {
  needsSystem("strace")(
    "has many small files on disk with one sync before they are noted",
    async () => {
      const wanted = "write,fsync,fdatasync,renameat,renameat2,rename,execve";
      const calls = await callsOf(wanted, ["receive", at.folder, "400"]);
      const noted = calls.findIndex((call) => call.includes('"noted'));
      const before = calls.slice(0, noted);
      const synced = before.findIndex((call) => /fdatasync\(.*\/pack>/.test(call));
      const named = before.findIndex((call) => /rename.*\/packs\//.test(call));
      expect(noted).toBeGreaterThan(0);
      expect(synced).toBeGreaterThan(-1);
      expect(named).toBeGreaterThan(synced);
      const syncs = before.filter((call) => /f(data)?sync\(/.test(call));
      // The pack and its name; the few that have files of their own, and the folders of those.
      expect(syncs.length).toBeLessThan(60);
      expect(before.slice(named).some((call) => /fsync\(.*\/packs>/.test(call))).toBe(true);
    },
    30_000,
  );
});
