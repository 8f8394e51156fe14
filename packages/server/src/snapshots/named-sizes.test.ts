// Tests of looking up sizes in a stored list of files: what the list names is found wherever it stands, and nothing else.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { manifestText, type ManifestEntry } from "@fetchml/protocol";
import { namedSizes } from "./named-sizes.ts";
import { PIECE_BYTES } from "./send-pieces.ts";
import { snapshotFolder, type SnapshotFolder } from "./snapshot-folder.ts";
import { sha256 } from "./snapshots.fixture.ts";

let folder: SnapshotFolder;
beforeEach(() => {
  folder = snapshotFolder(mkdtempSync(join(tmpdir(), "fetchml-named-")));
});
afterEach(() => rmSync(folder.root, { recursive: true, force: true }));

/** Stores a manifest as it stands; its id. */
function store(...entries: readonly ManifestEntry[]): string {
  const text = manifestText({ version: 1, entries: [...entries] });
  const snapshot = sha256(text);
  mkdirSync(dirname(folder.manifest(snapshot)), { recursive: true });
  writeFileSync(folder.manifest(snapshot), text);
  return snapshot;
}

function file(path: string, size_bytes: number, hash = sha256(path)): ManifestEntry {
  return { kind: "file", path, size_bytes, hash, executable: false };
}

describe("namedSizes()", () => {
  test("finds each of many files, wherever the pieces in which the list is read are cut", async () => {
    // Both the lengths of the entries and the place of the cut move: 137 bytes at least lie between two hashes.
    const files = Array.from({ length: 12_000 }, (_, n) =>
      file(`${"é".repeat(n % 61)}${n}`, n % 7 === 0 ? n * 1_234_567_890 : n),
    );
    const snapshot = store(...files);
    const expected = new Map(files.map((entry) => [sha256(entry.path), sizeOf(entry)]));
    expect(manifestText({ version: 1, entries: files }).length).toBeGreaterThan(3 * PIECE_BYTES);
    expect(await namedSizes(snapshot, [...expected.keys()], folder)).toEqual(expected);
  });

  test("finds a file wherever a cut lies in its fields or behind them", async () => {
    const [hash, size] = [sha256("x"), 9_007_199_254_740_991];
    const fields = `"size_bytes":${size},"hash":"${hash}"`;
    const start = manifestText({ version: 1, entries: [file("", size, hash)] }).indexOf(fields);
    for (let cut = 0; cut <= 2 * fields.length + 50; cut += 3) {
      const before = "x".repeat(PIECE_BYTES - start - cut);
      const snapshot = store(file(before, size, hash), file("z".repeat(500), 1));
      expect(await namedSizes(snapshot, [hash], folder)).toEqual(new Map([[hash, size]]));
    }
  });

  test("takes neither a name nor the target of a link for a file", async () => {
    const hash = sha256("not in it");
    const fields = `","size_bytes":5,"hash":"${hash}"`;
    const snapshot = store(
      file(`a${fields}`, 1),
      { kind: "symlink", path: `b${fields}`, target: fields },
      { kind: "symlink", path: hash, target: hash },
    );
    expect(await namedSizes(snapshot, [hash], folder)).toEqual(new Map());
  });

  test("tells when the list is gone or damaged", async () => {
    const snapshot = store(file("a", 1), file("b", 2));
    const look = () => namedSizes(snapshot, [sha256("a")], folder).catch((error: unknown) => error);
    expect(await look()).toEqual(new Map([[sha256("a"), 1]]));
    truncateSync(folder.manifest(snapshot), 150);
    expect(await look()).toMatchObject({ code: "snapshot-missing" });
    rmSync(folder.manifest(snapshot));
    expect(await look()).toMatchObject({ code: "snapshot-missing" });
  });
});

function sizeOf(entry: ManifestEntry): number {
  return entry.kind === "file" ? entry.size_bytes : 0;
}
