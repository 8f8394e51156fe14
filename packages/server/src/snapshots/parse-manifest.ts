// Reads the canonical text of a manifest, entry by entry, and takes no other spelling of it.
import { FetchmlError, type ManifestEntry } from "@fetchml/protocol";

/**
 * The entries of a manifest's text, in order, with pauses between. The text is taken only if it is, to the byte, what
 * `manifestText()` of protocol makes of them: equal trees must have equal ids. What the entries say is not looked into.
 *
 * @throws FetchmlError bad-content
 */
export function* parseManifest(text: string): Generator<void, readonly ManifestEntry[], void> {
  if (!text.startsWith(MANIFEST_HEAD)) throw malformed("at its beginning");
  const entries: ManifestEntry[] = [];
  let at = MANIFEST_HEAD.length;
  if (text.startsWith(MANIFEST_TAIL, at)) at += MANIFEST_TAIL.length;
  else {
    let pausedAt = at;
    for (let separator = ","; separator === ",";) {
      const read = readEntry(text, at);
      if (read === null) throw malformed(`in entry ${entries.length + 1}`);
      entries.push(read.entry);
      separator = text.charAt(read.end);
      at = read.end + 1;
      if (at - pausedAt < CHARACTERS_BETWEEN_PAUSES) continue;
      pausedAt = at;
      yield;
    }
    // The bracket that closes the list was the separator behind the last entry.
    if (!text.startsWith(MANIFEST_TAIL, at - 1)) throw malformed(`behind entry ${entries.length}`);
    at += MANIFEST_TAIL.length - 1;
  }
  if (at !== text.length) throw malformed("at its end");
  return entries;
}

/** How much of a manifest's text is looked at between two pauses: some sixty entries of usual length. */
export const CHARACTERS_BETWEEN_PAUSES = 16_384;

/** With this the text of a manifest begins. */
export const MANIFEST_HEAD = '{"version":1,"entries":[';

/** With this it ends. */
export const MANIFEST_TAIL = "]}";
const FILE = '{"kind":"file","path":';
const SYMLINK = '{"kind":"symlink","path":';
const TARGET = ',"target":';

/** The longest text of a path that may stand: 4096 bytes, each written as an escape. Nothing longer is looked at. */
const LONGEST_STRING = 6 * 4096 + 2;

interface Read<T> {
  readonly value: T;
  /** Place behind it. */
  readonly end: number;
}

/** An entry that was read. */
export interface ReadEntry {
  readonly entry: ManifestEntry;
  /** Place behind it. */
  readonly end: number;
}

/** The entry that begins at a place of a manifest's text; `null` when there is none in the canonical form. */
export function readEntry(text: string, at: number): ReadEntry | null {
  if (text.startsWith(FILE, at)) return readFile(text, at + FILE.length);
  if (text.startsWith(SYMLINK, at)) return readSymlink(text, at + SYMLINK.length);
  return null;
}

function readFile(text: string, at: number): ReadEntry | null {
  const path = readString(text, at);
  if (path === null) return null;
  FILE_FIELDS.lastIndex = path.end;
  const [whole, size = "", hash = "", executable] = FILE_FIELDS.exec(text) ?? [];
  const size_bytes = Number(size);
  if (whole === undefined || !Number.isSafeInteger(size_bytes)) return null;
  return {
    entry: {
      kind: "file",
      path: path.value,
      size_bytes,
      hash,
      executable: executable === "true",
    },
    end: path.end + whole.length,
  };
}

const FILE_FIELDS =
  /,"size_bytes":(0|[1-9][0-9]{0,15}),"hash":"([0-9a-f]{64})","executable":(true|false)\}/y;

function readSymlink(text: string, at: number): ReadEntry | null {
  const path = readString(text, at);
  if (path === null || !text.startsWith(TARGET, path.end)) return null;
  const target = readString(text, path.end + TARGET.length);
  if (target === null || text.charAt(target.end) !== "}") return null;
  return {
    entry: { kind: "symlink", path: path.value, target: target.value },
    end: target.end + 1,
  };
}

function readString(text: string, at: number): Read<string> | null {
  if (text.charAt(at) !== '"') return null;
  const end = endOfString(text, at + 1);
  if (end === null) return null;
  const written = text.slice(at, end);
  // Nearly all are such, and mean themselves.
  if (PLAIN_STRING.test(written)) return { value: written.slice(1, -1), end };
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value !== "string" || JSON.stringify(value) !== written) return null;
    return { value, end };
  } catch {
    return null;
  }
}

function endOfString(text: string, start: number): number | null {
  for (let at = start; at - start < LONGEST_STRING;) {
    const quote = text.indexOf('"', at);
    if (quote === -1 || quote - start > LONGEST_STRING) return null;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
  return null;
}

const PLAIN_STRING = /^"[\w./-]+"$/;

const BACKSLASH = 0x5c;

function malformed(where: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `The server refuses the list of the project's files: ${where} it does not have the canonical form of a manifest.`,
  );
}
