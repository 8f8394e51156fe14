// What the settings allow a snapshot, in the form in which the snapshots want it.
import type { Settings } from "../config/settings.ts";
import type { SnapshotLimits } from "../snapshots/check-manifest.ts";

/** The limits of snapshots. That of the list of files follows from their number. */
export function snapshotLimits({ snapshotMax }: Pick<Settings, "snapshotMax">): SnapshotLimits {
  return {
    manifestBytes: MANIFEST_BYTES_PER_FILE * Math.max(snapshotMax.files, FEWEST_FILES),
    entries: snapshotMax.files,
    blobBytes: snapshotMax.fileSizeBytes,
    totalBytes: snapshotMax.sizeBytes,
  };
}

// 150 bytes are hash, size and form; the rest is left for the path, of which 4,096 bytes are allowed and 60 usual.
const MANIFEST_BYTES_PER_FILE = 700;

/** A few files with long paths fit whatever the limit is. */
const FEWEST_FILES = 10_000;
