// Gives a stored manifest back, to the byte.
import { stat } from "node:fs/promises";
import { FetchmlError, manifestText } from "@fetchml/protocol";
import { piecesOfFile, type Pieces } from "./send-pieces.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/**
 * The text of a manifest as UTF-8; of `null`, a job without a project, the empty one. It is not looked into: whoever gets it
 * compares its SHA-256 with the snapshot's id.
 *
 * @throws FetchmlError snapshot-missing
 */
export async function sendManifest(
  snapshot: string | null,
  folder: SnapshotFolder,
): Promise<Pieces> {
  if (snapshot === null) return emptyManifest();
  const path = folder.manifest(snapshot);
  const found = await stat(path).catch(() => null);
  if (found === null) throw codeGone(snapshot);
  return piecesOfFile(path, found.size);
}

/** The error for whoever wants code back whose manifest is not there any more, or is no longer what was stored. */
export function codeGone(snapshot: string): FetchmlError {
  return new FetchmlError(
    "snapshot-missing",
    `The code of this job, snapshot ${snapshot.slice(0, 12)}, is gone from the box. Ask its admin.`,
  );
}

async function* emptyManifest(): Pieces {
  yield new TextEncoder().encode(manifestText({ version: 1, entries: [] }));
}
