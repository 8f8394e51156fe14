// One change with its lines: what a patch or a count is made from.
import type { BlobHeader, ManifestEntry } from "@fetchml/protocol";
import { lineHunks, type Hunk } from "./line-hunks.ts";
import type { TreeChange } from "./tree-changes.ts";

/** A change, and what is to be shown of it. */
export interface FilePatch {
  readonly change: TreeChange;
  /** `null` where lines say nothing: a `binary` file, or one that is too `large`. */
  readonly hunks: readonly Hunk[] | null;
  readonly without: "binary" | "large" | null;
  /** How the text of the lines becomes the bytes that the file had. */
  readonly encoding: "utf8" | "latin1";
}

/** Larger files are not compared line by line, nor fetched. */
export const MOST_TEXT_BYTES = 8 * 1024 ** 2;

/** The contents of a change that must be there for {@link filePatch}; a link has none. */
export function contentsFor(change: TreeChange): {
  readonly before: BlobHeader | null;
  readonly after: BlobHeader | null;
} {
  const before = blobOf(change.before);
  const after = blobOf(change.after);
  const isSame = before !== null && before.hash === after?.hash;
  if (isSame || isLarge(change)) return { before: null, after: null };
  return { before, after };
}

/** @param contents the bytes by hash; those that {@link contentsFor} names are among them */
export function filePatch(
  change: TreeChange,
  contents: { readonly before: Contents; readonly after: Contents },
): FilePatch {
  if (isLarge(change)) return { change, hunks: null, without: "large", encoding: "utf8" };
  if (hashOf(change.before) !== null && hashOf(change.before) === hashOf(change.after)) {
    return { change, hunks: [], without: null, encoding: "utf8" };
  }
  const before = bytesOf(change.before, contents.before);
  const after = bytesOf(change.after, contents.after);
  if (isBinary(before) || isBinary(after)) {
    return { change, hunks: null, without: "binary", encoding: "utf8" };
  }
  const [old, young] = [utf8Of(before), utf8Of(after)];
  // Both in the same way, so that equal bytes are equal text.
  if (old === null || young === null) {
    const hunks = lineHunks(latin1Of(before), latin1Of(after));
    return { change, hunks, without: null, encoding: "latin1" };
  }
  return { change, hunks: lineHunks(old, young), without: null, encoding: "utf8" };
}

/** How many lines came and went. */
export function countLines({ hunks }: FilePatch): {
  readonly added: number;
  readonly removed: number;
} {
  let added = 0;
  let removed = 0;
  for (const { lines } of hunks ?? []) {
    for (const { kind } of lines) {
      if (kind === "added") added += 1;
      if (kind === "removed") removed += 1;
    }
  }
  return { added, removed };
}

type Contents = ReadonlyMap<string, Uint8Array>;

function blobOf(entry: ManifestEntry | null): BlobHeader | null {
  return entry?.kind === "file" ? { hash: entry.hash, sizeBytes: entry.size_bytes } : null;
}

function hashOf(entry: ManifestEntry | null): string | null {
  return entry?.kind === "file" ? entry.hash : null;
}

function isLarge({ before, after }: TreeChange): boolean {
  const isSame = hashOf(before) !== null && hashOf(before) === hashOf(after);
  const largest = Math.max(blobOf(before)?.sizeBytes ?? 0, blobOf(after)?.sizeBytes ?? 0);
  return !isSame && largest > MOST_TEXT_BYTES;
}

function bytesOf(entry: ManifestEntry | null, contents: Contents): Uint8Array {
  if (entry === null) return new Uint8Array(0);
  // As Git has it: the content of a link is where it leads.
  if (entry.kind === "symlink") return new TextEncoder().encode(entry.target);
  const bytes = contents.get(entry.hash);
  if (bytes === undefined) throw new Error(`the content of ${entry.path} was not fetched`);
  return bytes;
}

/** Where Git looks for a NUL, in bytes. */
const LOOKED_AT_BYTES = 8000;

function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, LOOKED_AT_BYTES).includes(0);
}

function utf8Of(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
