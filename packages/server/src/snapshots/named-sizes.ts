// Looks up in a stored list of files how large some of them are, without ever holding the list.
import { stat } from "node:fs/promises";
import { codeGone } from "./send-manifest.ts";
import { piecesOfFile } from "./send-pieces.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/**
 * The sizes of those of the blobs that the manifest of a snapshot names, by hash; bytes. It is read a piece after the other, and
 * others are answered between: 27 MB take 60 ms.
 *
 * @throws FetchmlError snapshot-missing when it is not there, or is no longer what was stored
 */
export async function namedSizes(
  snapshot: string,
  hashes: readonly string[],
  folder: SnapshotFolder,
): Promise<ReadonlyMap<string, number>> {
  const path = folder.manifest(snapshot);
  const found = await stat(path).catch(() => null);
  if (found === null) throw codeGone(snapshot);
  const wanted = new Set(hashes);
  const sizes = new Map<string, number>();
  const hasher = new Bun.CryptoHasher("sha256");
  let text = Buffer.alloc(0);
  for await (const piece of piecesOfFile(path, found.size)) {
    hasher.update(piece);
    // A field may begin in one piece and end in the next.
    text = Buffer.concat([text.subarray(-LONGEST_FIELDS), piece]);
    addSizes(text, wanted, sizes);
  }
  if (hasher.digest("hex") !== snapshot) throw codeGone(snapshot);
  return sizes;
}

/**
 * Not parsed, only searched: between quotes a JSON text has no bare quote, so what looks like the fields of a file are such. Its
 * size stands right before its hash.
 */
function addSizes(text: Buffer, wanted: ReadonlySet<string>, sizes: Map<string, number>): void {
  for (let at = text.indexOf(FIELD); at !== -1; at = text.indexOf(FIELD, at + 1)) {
    const start = at + FIELD.length;
    const hash = text.toString("latin1", start, start + HASH_LENGTH);
    // What is looked at for the second time may lack the beginning of its size.
    if (!wanted.has(hash) || sizes.has(hash)) continue;
    const size = text.toString("latin1", text.lastIndexOf(":", at) + 1, at);
    sizes.set(hash, Number(size));
  }
}

const FIELD = ',"hash":"';

const HASH_LENGTH = 64;

/** More than the fields of a size and a hash. */
const LONGEST_FIELDS = 128;
