// The one way a manifest is written as bytes, whose SHA-256 is the snapshot's id.
import type { Manifest, ManifestEntry } from "./snapshot.ts";

/**
 * The canonical text of a manifest: JSON without white space, keys in a fixed order, one entry after the other in the
 * order given. Equal trees give equal text, so the SHA-256 of its UTF-8 bytes names the snapshot.
 */
export function manifestText(manifest: Manifest): string {
  return `{"version":1,"entries":[${manifest.entries.map(manifestEntryText).join(",")}]}`;
}

/** The canonical text of one entry. Put together by hand: it takes a quarter of the time, and there are thousands. */
export function manifestEntryText(entry: ManifestEntry): string {
  const path = JSON.stringify(entry.path);
  switch (entry.kind) {
    case "file": {
      const { size_bytes, hash, executable } = entry;
      return `{"kind":"file","path":${path},"size_bytes":${size_bytes},"hash":"${hash}","executable":${executable}}`;
    }
    case "symlink":
      return `{"kind":"symlink","path":${path},"target":${JSON.stringify(entry.target)}}`;
  }
}

/** Orders paths by their UTF-8 bytes, as a manifest demands. */
export function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 order differs from byte order only where a surrogate meets a character above U+DFFF.
  if (!BEYOND_SURROGATES.test(a) && !BEYOND_SURROGATES.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const BEYOND_SURROGATES = /[\ud800-\uffff]/;
