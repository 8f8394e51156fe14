// Tests of finding the blobs that a stored manifest names.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { manifestText } from "@fetchml/protocol";
import { HashSet } from "./hash-set.ts";
import { addNamedBlobs } from "./named-blobs.ts";
import { snapshotFolder, type SnapshotFolder } from "./snapshot-folder.ts";
import { fileEntry, sha256 } from "./snapshots.fixture.ts";

let root: string;
let folder: SnapshotFolder;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fml-named-"));
  folder = snapshotFolder(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function namedIn(text: string): Promise<HashSet> {
  const snapshot = sha256(text);
  mkdirSync(dirname(folder.manifest(snapshot)), { recursive: true });
  writeFileSync(folder.manifest(snapshot), text);
  const into = new HashSet();
  await addNamedBlobs(snapshot, { folder, into });
  return into;
}

test("addNamedBlobs() finds every file of any manifest, and nothing that only looks like one", async () => {
  const trick = fc.constantFrom(
    '","hash":"',
    `"hash":"${"a".repeat(64)}"`,
    "\\",
    '"',
    "hash",
    "ü\u{1f600}",
  );
  const path = fc
    .array(fc.oneof(trick, fc.string({ unit: "binary", minLength: 1 })))
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(path, fc.string())),
      fc.array(path),
      async (files, links) => {
        const text = manifestText({
          version: 1,
          entries: [
            ...files.map(([name, content]) => fileEntry(name, content)),
            ...links.map((target) => ({ kind: "symlink" as const, path: target, target })),
          ],
        });
        const named = await namedIn(text);
        const hashes = new Set(files.map(([, content]) => sha256(content)));
        expect([...hashes].every((hash) => named.has(hash))).toBe(true);
        expect(named.size).toBe(hashes.size);
      },
    ),
    { numRuns: 200 },
  );
});

test("addNamedBlobs() takes a manifest that is missing for an empty one, and throws at one it cannot read", async () => {
  const into = new HashSet();
  await addNamedBlobs(sha256("none"), { folder, into });
  expect(into.size).toBe(0);
  mkdirSync(folder.manifest(sha256("folder")), { recursive: true });
  const failure = await addNamedBlobs(sha256("folder"), { folder, into }).catch(String);
  expect(failure).toContain("EISDIR");
});
