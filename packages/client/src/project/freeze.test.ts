// Tests of freezing a project: what the manifest says, and that no change goes unnoticed.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { manifestText, type ManifestEntry } from "@fetchml/protocol";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import { readStatCache, statCacheFile, writeStatCache } from "./stat-cache-file.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
const inRoot = (path: string) => join(at.root, path);

describe("freezeProject()", () => {
  test("names every file and link, sorted by bytes, with the executable bit", async () => {
    at.write("b.txt", "b");
    at.write("b/x", "x");
    at.write("run.sh", "#!/bin/sh\n", 0o755);
    at.write("ä/ö", "umlaut");
    at.write("\u{1f600}", "smile");
    at.write("\uff5e", "tilde");
    at.write("empty", "");
    symlinkSync("b.txt", inRoot("link"));
    symlinkSync("../b", inRoot("b/nowhere"));
    const frozen = await at.freeze();
    const { manifest, text, files, totalBytes } = frozen.content();
    const file = (path: string, content: string, executable = false): ManifestEntry => ({
      kind: "file",
      path,
      size_bytes: Buffer.byteLength(content),
      hash: sha256(content),
      executable,
    });
    expect(manifest.entries).toEqual([
      file("b.txt", "b"),
      { kind: "symlink", path: "b/nowhere", target: "../b" },
      file("b/x", "x"),
      file("empty", ""),
      { kind: "symlink", path: "link", target: "b.txt" },
      file("run.sh", "#!/bin/sh\n", true),
      file("ä/ö", "umlaut"),
      file("\uff5e", "tilde"),
      file("\u{1f600}", "smile"),
    ]);
    expect(text).toBe(manifestText(manifest));
    expect(frozen.snapshot).toBe(sha256(text));
    expect(files.get(sha256("x"))).toEqual({ path: inRoot("b/x"), sizeBytes: 1 });
    expect(totalBytes).toBe(28);
  });

  test("gives the same content from its cache", async () => {
    at.write("a/b", "1");
    at.write("c", "2", 0o755);
    symlinkSync("c", inRoot("b"));
    const first = (await at.freeze()).content();
    for (const options of [{}, { fresh: true }, { cacheDir: null }]) {
      expect((await at.freeze(options)).content()).toEqual(first);
    }
  });

  test("reads no file that it knows", async () => {
    at.write("a", "1");
    at.write("b", "2");
    await at.freeze();
    // With another hash in the cache than the file has, what is read and what is known can be told apart.
    forge((hashes) => "f".repeat(64) + hashes.slice(64));
    const hashes = async () =>
      (await at.freeze()).content().manifest.entries.map((entry) => "hash" in entry && entry.hash);
    expect(await hashes()).toEqual(["f".repeat(64), sha256("2")]);
    at.write("b", "changed");
    expect(await hashes()).toEqual(["f".repeat(64), sha256("changed")]);
  });

  test("does not believe its cache about a file that changed just before it was read", async () => {
    at.write("a", "1");
    const { mtimeMs } = statSync(inRoot("a"));
    await at.freeze({ now: () => mtimeMs + 10 });
    forge(() => "f".repeat(64));
    const { snapshot } = await at.freeze();
    expect(snapshot).toBe((await at.freeze({ cacheDir: null })).snapshot);
  });

  const changes: Readonly<Record<string, () => void>> = {
    "other content of the same size and time": () => {
      const { atime, mtime } = statSync(inRoot("src/a"));
      writeFileSync(inRoot("src/a"), "A");
      utimesSync(inRoot("src/a"), atime, mtime);
    },
    "an executable bit": () => chmodSync(inRoot("src/a"), 0o755),
    "a new file": () => at.write("src/new"),
    "a new file in a new folder": () => at.write("src/deep/er/new"),
    "a file that went": () => rmSync(inRoot("src/a")),
    "another name": () => renameSync(inRoot("src/a"), inRoot("src/z")),
    "a folder that went": () => rmSync(inRoot("src"), { recursive: true }),
    "a file in place of a folder": () => {
      rmSync(inRoot("src"), { recursive: true });
      at.write("src");
    },
    "a link that leads elsewhere": () => {
      rmSync(inRoot("link"));
      symlinkSync("src", inRoot("link"));
    },
    "a file in place of a link": () => {
      rmSync(inRoot("link"));
      at.write("link");
    },
    "a new ignore rule": () => at.write(".mlignore", "a\n"),
    "another ignore rule in an ignored ignore file": () => at.write("other/.mlignore", "*\n"),
  };
  test.each(Object.keys(changes))("notices %s", async (name) => {
    at.write("src/a", "a");
    at.write("src/b", "b");
    at.write("other/.mlignore", ".mlignore\n");
    at.write("other/c", "c");
    symlinkSync("src/b", inRoot("link"));
    const before = await at.freeze();
    expect((await at.freeze()).snapshot).toBe(before.snapshot);
    changes[name]?.();
    const after = await at.freeze();
    expect(after.snapshot).not.toBe(before.snapshot);
    expect(after.snapshot).toBe((await at.freeze({ cacheDir: null })).snapshot);
    expect(after.content()).toEqual((await at.freeze()).content());
  });

  test("notices other settings", async () => {
    at.write("a");
    at.write("b");
    expect(await at.frozenPaths()).toEqual(["a", "b"]);
    expect(await at.frozenPaths({ projectFile: { ignore: ["a"] } })).toEqual(["b"]);
    const limits = { totalBytes: 1, fileBytes: 1, fileCount: 1 };
    expect(String(await at.freeze({ limits }).catch((error: unknown) => error))).toContain(
      "more than 1 file",
    );
  });

  test("leaves its own cache out, and any .git, at any depth", async () => {
    at.write("a");
    at.write("sub/.git/HEAD", "ref: refs/heads/main");
    at.write("sub/b");
    const options = { cacheDir: join(at.root, "cache") };
    expect(await at.frozenPaths(options)).toEqual(["a", "sub/b"]);
    expect(await at.frozenPaths(options)).toEqual(["a", "sub/b"]);
  });
});

describe("the cache", () => {
  test("is private", async () => {
    at.write("a");
    await at.freeze();
    const file = statCacheFile(at.cacheDir, at.root);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
  });

  test.each(["", "ml-stat-cache 1 0 0\n{}\n", "cut", "noise", "another root"])(
    "is ignored when it is damaged: %p",
    async (damage) => {
      at.write("a", "1");
      const { snapshot } = await at.freeze();
      const file = statCacheFile(at.cacheDir, at.root);
      const bytes = Buffer.from(await Bun.file(file).arrayBuffer());
      if (damage === "cut") writeFileSync(file, bytes.subarray(0, bytes.length / 2));
      else if (damage === "noise") writeFileSync(file, bytes.fill(0, 100, 110));
      else if (damage === "another root") renameSync(file, statCacheFile(at.cacheDir, at.home));
      else writeFileSync(file, damage);
      expect((await at.freeze()).snapshot).toBe(snapshot);
      expect(readStatCache(file, at.root)?.head.snapshot).toBe(snapshot);
    },
  );

  test("does no harm where it cannot be written", async () => {
    at.write("a", "1");
    writeFileSync(join(at.home, "file"), "");
    const { snapshot } = await at.freeze({ cacheDir: join(at.home, "file", "cache") });
    expect(snapshot).toBe((await at.freeze()).snapshot);
  });
});

function forge(change: (hashes: string) => string): void {
  const file = statCacheFile(at.cacheDir, at.root);
  const content = readStatCache(file, at.root);
  if (content === null) throw new Error("no cache");
  writeStatCache(file, { head: content.head, hashes: change(content.hashes) });
}
