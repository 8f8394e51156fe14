// Finds an entry in the text of a manifest by its path, without reading those before it.
import { comparePaths, type ManifestEntry } from "@fetchml/protocol";
import { MANIFEST_HEAD, MANIFEST_TAIL, readEntry } from "./parse-manifest.ts";

/** Where a path stands in the text of a manifest, or where it would stand. */
export interface EntryPlace {
  /** First character of the entry, or of the one before which it would stand; else of the text's end. */
  readonly start: number;
  /** Behind the entry and the comma that follows it, if one does. Equal to `start` where there is none. */
  readonly end: number;
  /** `null` where there is none. */
  readonly entry: ManifestEntry | null;
}

/**
 * Looks at some twenty entries of a million.
 * @param text canonical, of a manifest that was checked once
 * @returns `null` when it turns out that the text is no such one
 */
export function findEntry(text: string, path: string): EntryPlace | null {
  let low = MANIFEST_HEAD.length;
  let high = text.length - MANIFEST_TAIL.length;
  let found: EntryPlace = { start: high, end: high, entry: null };
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // Between quotes a JSON text has no bare quote, so what looks like the beginning of an entry is one.
    const at = Math.max(low, text.lastIndexOf(BETWEEN, middle - 1) + 1);
    const read = readEntry(text, at);
    if (read === null) return null;
    const { entry } = read;
    const end = text.charAt(read.end) === "," ? read.end + 1 : read.end;
    const order = comparePaths(entry.path, path);
    if (order === 0) return { start: at, end, entry };
    if (order < 0) low = end;
    else {
      high = at;
      found = { start: at, end: at, entry: null };
    }
  }
  return found;
}

const BETWEEN = ',{"kind":"';
