// Where blobs and manifests lie below the snapshots folder of the data folder.
import { join } from "node:path";

/** Places below one snapshots folder; nothing is created. */
export interface SnapshotFolder {
  readonly root: string;
  readonly blobs: string;
  readonly manifests: string;
  /** What is not yet whole. Nothing in it survives a restart. */
  readonly tmp: string;
  /** Many small blobs in one file each, whole and durable, on their way to `blobs`. */
  readonly packs: string;
  /** Large blobs that have arrived in part, a folder for each user. */
  readonly begun: string;
  /** @param hash lower-case hex SHA-256; anything else is not checked here */
  blob(hash: string): string;
  manifest(snapshot: string): string;
}

/** Both kinds are spread over 256 folders, so that none grows too large to list. */
export function snapshotFolder(root: string): SnapshotFolder {
  const blobs = join(root, "blobs");
  const manifests = join(root, "manifests");
  return {
    root,
    blobs,
    manifests,
    tmp: join(root, "tmp"),
    packs: join(root, "packs"),
    begun: join(root, "begun"),
    blob: (hash) => join(blobs, hash.slice(0, 2), hash.slice(2)),
    manifest: (snapshot) => join(manifests, snapshot.slice(0, 2), snapshot.slice(2)),
  };
}
