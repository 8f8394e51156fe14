// A temporary store of snapshots, and users who send to it, for tests.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBlobHeader, manifestText, type ManifestEntry } from "@fetchml/protocol";
import type { Sender } from "./accept-manifest.ts";
import type { SnapshotLimits } from "./check-manifest.ts";
import { openSnapshots, type Snapshots, type SnapshotsOptions } from "./snapshots.ts";

/** A store whose folder is gone when it is disposed of. */
export interface SnapshotsUnderTest extends AsyncDisposable {
  readonly folder: string;
  readonly snapshots: Snapshots;
  /** Paths of all files below `folder`, relative to it, sorted. */
  files(): readonly string[];
}

/** A user, and what was noted of them. */
export interface SenderUnderTest extends Sender {
  readonly blobs: Set<string>;
  readonly noted: Parameters<Sender["noteSnapshot"]>[0][];
}

/** Opens an empty store. */
export async function makeSnapshots(
  limits?: SnapshotLimits,
  options: SnapshotsOptions = {},
): Promise<SnapshotsUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-snapshots-"));
  const snapshots = await openSnapshots(folder, limits, options);
  return {
    folder,
    snapshots,
    files: () => filesBelow(folder),
    async [Symbol.asyncDispose]() {
      await snapshots.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let senders = 0;

/** A user who has sent nothing. */
export function makeSender(): SenderUnderTest {
  const blobs = new Set<string>();
  const noted: SenderUnderTest["noted"] = [];
  return {
    userId: (senders += 1),
    blobs,
    noted,
    heldBlobs: async (hashes) => new Set(hashes.filter((hash) => blobs.has(hash))),
    holdsSnapshot: async (snapshot) => noted.some(({ id }) => id === snapshot),
    noteBlobs: async (hashes) => {
      for (const hash of hashes) blobs.add(hash);
    },
    noteSnapshot: async (snapshot) => {
      noted.push(snapshot);
    },
  };
}

/** Lower-case hex SHA-256. */
export function sha256(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

/** A blob as it is sent; `claimed` replaces what its header says. */
export function frame(
  content: string | Uint8Array,
  claimed: { readonly hash?: string; readonly sizeBytes?: number } = {},
): Uint8Array {
  const bytes = Buffer.from(content);
  const header = { hash: sha256(bytes), sizeBytes: bytes.length, ...claimed };
  return Buffer.concat([encodeBlobHeader(header), bytes]);
}

/** The bytes as a stream of chunks of these lengths, over and over; then maybe the error. */
export async function* inChunks(
  bytes: Uint8Array,
  lengths: readonly number[] = [65_536],
  error?: Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
  if (error !== undefined) throw error;
}

/** The entry of a file. */
export function fileEntry(path: string, content: string, executable = false): ManifestEntry {
  const size_bytes = Buffer.byteLength(content);
  return { kind: "file", path, size_bytes, hash: sha256(content), executable };
}

/** The text of a manifest with these entries in this order. */
export function textOf(...entries: readonly ManifestEntry[]): string {
  return manifestText({ version: 1, entries: [...entries] });
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}
