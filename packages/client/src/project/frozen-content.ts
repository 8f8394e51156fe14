// All that a snapshot holds: the list of its files, and where the content of each can be read.
import { manifestText, type Manifest, type ManifestEntry } from "@fetchml/protocol";
import type { HashedEntry } from "./hash-found.ts";

/** All that a snapshot holds. */
export interface FrozenContent {
  readonly manifest: Manifest;
  /** The manifest in its canonical form. */
  readonly text: string;
  /** One file for each blob, by hash. */
  readonly files: ReadonlyMap<string, FrozenFile>;
  /** Of all files, each counted, also those of equal content. */
  readonly totalBytes: number;
}

/** Where the content of a blob can be read. */
export interface FrozenFile {
  /** Absolute path. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** Puts entries, which are in the order of a manifest, into one. */
export function contentOf(root: string, hashed: readonly HashedEntry[]): FrozenContent {
  let files: ReadonlyMap<string, FrozenFile> | null = null;
  let totalBytes = 0;
  const entries = hashed.map((entry): ManifestEntry => {
    if (entry.kind === "symlink") return entry;
    const { path, hash, stamp } = entry;
    totalBytes += stamp.sizeBytes;
    const { executable, sizeBytes: size_bytes } = stamp;
    return { kind: "file", path, size_bytes, hash, executable };
  });
  const manifest: Manifest = { version: 1, entries };
  return {
    manifest,
    text: manifestText(manifest),
    // Of a project of which little has changed hardly any is asked for.
    get files() {
      return (files ??= filesOf(root, entries));
    },
    totalBytes,
  };
}

/** Where the content of each of these files can be read, by hash. */
export function filesOf(
  root: string,
  entries: readonly ManifestEntry[],
): ReadonlyMap<string, FrozenFile> {
  const files = new Map<string, FrozenFile>();
  for (const entry of entries) {
    if (entry.kind === "symlink") continue;
    files.set(entry.hash, { path: `${root}/${entry.path}`, sizeBytes: entry.size_bytes });
  }
  return files;
}
