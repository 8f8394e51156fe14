// Finds out which blobs manifests name.
import { readFile } from "node:fs/promises";
import type { HashSet } from "./hash-set.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/**
 * Adds the blobs that a stored manifest names. The text is not parsed, only searched: between quotes a JSON text has no bare
 * quote, so what looks like the field is the field. A manifest that is missing names nothing.
 *
 * @throws the system's error when it is there and cannot be read: then nobody knows what it names
 */
export async function addNamedBlobs(
  snapshot: string,
  { folder, into }: { readonly folder: SnapshotFolder; readonly into: HashSet },
): Promise<void> {
  const text = await readFile(folder.manifest(snapshot), "latin1").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  for (let at = text.indexOf(FIELD); at !== -1; at = text.indexOf(FIELD, at)) {
    at += FIELD.length;
    into.add(text.slice(at, at + HASH_LENGTH));
  }
}

const FIELD = '"hash":"';

const HASH_LENGTH = 64;
