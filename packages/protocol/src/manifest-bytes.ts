// The one way a manifest is written as bytes, whose SHA-256 is the snapshot's id.
import type { Manifest, ManifestEntry } from "./snapshot.ts";

/**
 * The canonical text of a manifest: JSON without white space, keys in a fixed order, one entry after the other in the
 * order given. Equal trees give equal text, so the SHA-256 of its UTF-8 bytes names the snapshot.
 */
export function manifestText(manifest: Manifest): string {
  return `{"version":1,"entries":[${manifest.entries.map(entryText).join(",")}]}`;
}

/** Orders paths by their UTF-8 bytes, as a manifest demands. */
export function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 order differs from byte order only where a surrogate meets a character above U+DFFF.
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function entryText(entry: ManifestEntry): string {
  switch (entry.kind) {
    case "file":
      return JSON.stringify({
        kind: entry.kind,
        path: entry.path,
        size_bytes: entry.size_bytes,
        hash: entry.hash,
        executable: entry.executable,
      });
    case "symlink":
      return JSON.stringify({ kind: entry.kind, path: entry.path, target: entry.target });
  }
}
