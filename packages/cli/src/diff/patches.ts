// Works out the lines of many changes, a few files at a time, so that memory stays small whatever has changed.
import type { BlobHeader } from "@fetchml/protocol";
import type { ContentSource } from "./content-source.ts";
import { contentsFor, filePatch, type FilePatch } from "./file-patch.ts";
import type { TreeChange } from "./tree-changes.ts";

/** Both sides of a comparison, and who wants to know how far it is. */
export interface PatchSources {
  readonly before: ContentSource;
  readonly after: ContentSource;
  /** Called often, with bytes of content. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** The changes with their lines, in the order given. Only contents that differ are fetched. @throws FetchmlError as the sources do */
export async function* patchesOf(
  changes: readonly TreeChange[],
  sources: PatchSources,
): AsyncGenerator<FilePatch, void, undefined> {
  const totalBytes = changes.reduce((sum, change) => sum + bytesFor(change), 0);
  let doneBytes = 0;
  for (const group of inGroups(changes)) {
    const [before, after] = await contentsOf(group, {
      ...sources,
      onProgress: (bytes) => sources.onProgress(doneBytes + bytes, totalBytes),
    });
    doneBytes += group.reduce((sum, change) => sum + bytesFor(change), 0);
    for (const change of group) {
      yield filePatch(change, { before, after });
      // A file may take a second; Ctrl-C has its turn between two.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const GROUP_BYTES = 16 * 1024 ** 2;
const GROUP_CHANGES = 1000;

function* inGroups(changes: readonly TreeChange[]): Generator<readonly TreeChange[]> {
  let group: TreeChange[] = [];
  let bytes = 0;
  for (const change of changes) {
    const isFull = bytes + bytesFor(change) > GROUP_BYTES || group.length === GROUP_CHANGES;
    if (group.length > 0 && isFull) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(change);
    bytes += bytesFor(change);
  }
  if (group.length > 0) yield group;
}

async function contentsOf(group: readonly TreeChange[], sources: PatchSources) {
  const wanted = group.map(contentsFor);
  const done = { before: 0, after: 0 };
  const fetch = (side: "before" | "after") => {
    const blobs = new Map<string, BlobHeader>();
    for (const { [side]: blob } of wanted) if (blob !== null) blobs.set(blob.hash, blob);
    return sources[side].fetch([...blobs.values()], (bytes) => {
      done[side] = bytes;
      sources.onProgress(done.before + done.after, 0);
    });
  };
  return Promise.all([fetch("before"), fetch("after")]);
}

function bytesFor(change: TreeChange): number {
  const { before, after } = contentsFor(change);
  return (before?.sizeBytes ?? 0) + (after?.sizeBytes ?? 0);
}
