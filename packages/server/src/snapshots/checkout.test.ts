// Tests of writing a snapshot's tree into a folder.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { comparePaths, FetchmlError, findPathClash, type ManifestEntry } from "@fetchml/protocol";
import * as fc from "fast-check";
import {
  fileEntry,
  frame,
  inChunks,
  makeSender,
  makeSnapshots,
  sha256,
  textOf,
  type SnapshotsUnderTest,
} from "./snapshots.fixture.ts";

let at: SnapshotsUnderTest;
let outside: string;
beforeEach(async () => {
  at = await makeSnapshots();
  outside = mkdtempSync(join(tmpdir(), "fetchml-checkout-"));
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
  rmSync(outside, { recursive: true, force: true });
});

type Tree = Readonly<Record<string, string | { readonly link: string } | { readonly run: string }>>;

/** Stores a tree; answers the id of its snapshot. */
async function store(tree: Tree): Promise<string> {
  const entries = Object.entries(tree).map(([path, what]): ManifestEntry => {
    if (typeof what === "string") return fileEntry(path, what);
    return "run" in what
      ? fileEntry(path, what.run, true)
      : { kind: "symlink", path, target: what.link };
  });
  const contents = Object.values(tree).flatMap((what) => {
    if (typeof what === "string") return [what];
    return "run" in what ? [what.run] : [];
  });
  const sender = makeSender();
  const frames = contents.map((content) => frame(content));
  await at.snapshots.receiveBlobs(inChunks(Buffer.concat(frames)), sender);
  const text = textOf(...entries.toSorted((a, b) => comparePaths(a.path, b.path)));
  return (await at.snapshots.acceptManifest(text, sender)).snapshot;
}

/** The tree in a folder, and checks of every mode in it. */
function treeIn(folder: string, prefix = ""): Tree {
  const tree: Record<string, Tree[string]> = {};
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const mode = stat.mode & 0o7777;
    if (stat.isSymbolicLink()) tree[prefix + name] = { link: readlinkSync(path) };
    else if (stat.isDirectory()) {
      expect(mode).toBe(0o700);
      Object.assign(tree, treeIn(path, `${prefix}${name}/`));
    } else {
      expect([mode, stat.nlink]).toEqual([mode === 0o700 ? 0o700 : 0o600, 1]);
      const content = readFileSync(path, "utf8");
      tree[prefix + name] = mode === 0o700 ? { run: content } : content;
    }
  }
  return tree;
}

const TREE: Tree = {
  "a.py": "print()",
  "run.sh": { run: "#!/bin/sh" },
  "deep/er/x": "x",
  "deep/er/empty": "",
  "deep/up": { link: "../a.py" },
  "deep/nowhere": { link: "gone" },
  "ä ö": "umlaut",
};

describe("checkout()", () => {
  test("gives back the tree with modes and links, into a folder that it makes", async () => {
    const target = join(outside, "new", "work");
    await at.snapshots.checkout(await store(TREE), target);
    expect(treeIn(target)).toEqual(TREE);
    expect(statSync(target).mode & 0o777).toBe(0o700);
  });

  test("gives back any tree", async () => {
    const name = fc
      .stringMatching(/^[a-z0-9 ._ä-]{1,8}$/)
      .filter((part) => !/^\.{1,2}$/.test(part));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const what = fc.oneof(
      fc.string(),
      fc.string().map((run) => ({ run })),
      path.map((link) => ({ link })),
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, what, { maxKeys: 12 }), async (raw) => {
        const tree = withoutConflicts(raw);
        const target = join(outside, `${++round}`);
        await at.snapshots.checkout(await store(tree), target);
        expect(treeIn(target)).toEqual(tree);
      }),
      { numRuns: 40 },
    );
  });

  test("gives a copy: a job that writes into it changes no blob and no other copy", async () => {
    const id = await store({ "a.py": "one", "b.py": "one" });
    await at.snapshots.checkout(id, join(outside, "1"));
    writeFileSync(join(outside, "1", "a.py"), "two!");
    await at.snapshots.checkout(id, join(outside, "2"));
    expect(treeIn(join(outside, "2"))).toEqual({ "a.py": "one", "b.py": "one" });
    expect(readFileSync(join(outside, "1", "b.py"), "utf8")).toBe("one");
  });

  test("writes 1,000 files into a folder that is there", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`${index % 40}/${index}`, `${index % 100}`]),
    );
    const target = join(outside, "work");
    mkdirSync(target);
    await at.snapshots.checkout(await store(many), target);
    expect(treeIn(target)).toEqual(many);
  });

  test("leaves the folder empty for an empty project", async () => {
    const target = join(outside, "work");
    await at.snapshots.checkout(await store({}), target);
    expect(readdirSync(target)).toEqual([]);
  });

  test("does not write into a folder that holds something", async () => {
    const id = await store(TREE);
    writeFileSync(join(outside, "mine"), "");
    expect(
      String(await at.snapshots.checkout(id, outside).catch((error: unknown) => error)),
    ).toContain("not empty");
    expect(readdirSync(outside)).toEqual(["mine"]);
  });

  test("refuses content of another size than the list of files says, before it is copied", async () => {
    const id = await store(TREE);
    await at.snapshots.settled();
    const hash = sha256("x");
    writeFileSync(join(at.folder, "blobs", hash.slice(0, 2), hash.slice(2)), "much more than x");
    const target = join(outside, "work");
    const error: unknown = await at.snapshots.checkout(id, target).catch((cause: unknown) => cause);
    if (!(error instanceof FetchmlError)) throw new Error(String(error));
    expect(error.code).toBe("bad-content");
    expect(error.message).toContain('"deep/er/x"');
    expect(existsSync(join(target, "deep/er/x"))).toBe(false);
  });

  test("says which file's content is gone", async () => {
    const id = await store(TREE);
    const hash = sha256("x");
    rmSync(join(at.folder, "blobs", hash.slice(0, 2), hash.slice(2)));
    const error: unknown = await at.snapshots
      .checkout(id, join(outside, "work"))
      .catch((cause: unknown) => cause);
    if (!(error instanceof FetchmlError)) throw new Error(String(error));
    expect(error.code).toBe("snapshot-missing");
    expect(error.message).toContain('"deep/er/x"');
  });
});

/** Drops what no folder can hold at once: a name below a file, or equal but for case; and links that would lead out. */
function withoutConflicts(raw: Tree): Tree {
  const kept: Record<string, Tree[string]> = {};
  const taken = new Map<string, "folder" | "file">();
  for (const [path, what] of Object.entries(raw)) {
    const parts = path.normalize("NFC").split("/");
    const folders = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
    if (taken.has(path) || folders.some((folder) => taken.get(folder) === "file")) continue;
    if (findPathClash([...Object.keys(kept), path].toSorted(comparePaths)) !== null) continue;
    for (const folder of folders) taken.set(folder, "folder");
    taken.set(path, "file");
    kept[path] = what;
  }
  return kept;
}
