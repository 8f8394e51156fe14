// Gives every file that was found its hash, reading only those that may have changed.
import { isSameStamp, type FileStamp } from "./file-stamp.ts";
import { createHasherAtOnce } from "./hash-at-once.ts";
import { hashFile, type Reading, type UnfitFile } from "./hash-file.ts";
import { inParallel } from "./in-parallel.ts";
import { obstacleAt, type Obstacle } from "./refusal.ts";
import { secretInName } from "./secret-name.ts";
import type { Found } from "./walk.ts";

/** A file or link with all that a manifest says of it. */
export type HashedEntry =
  | ({
      readonly kind: "file";
      readonly path: string;
      readonly stamp: FileStamp;
    } & FileContent)
  | Extract<Found, { readonly kind: "symlink" }>;

/** What is known of a file's content. */
export interface FileContent {
  readonly hash: string;
  /** Why it is taken for a secret, as the end of a sentence that begins with its path; `null` for nearly all. */
  readonly secret: string | null;
}

/** All entries with their hashes. */
export interface HashedTree {
  /** In the order given; files that have gone meanwhile are left out. */
  readonly entries: readonly HashedEntry[];
  /** The paths of those. */
  readonly gone: readonly string[];
  readonly obstacles: readonly Obstacle[];
  /** Whether something is writing one of the obstacles. */
  readonly isBeingWritten: boolean;
  /** Whether no file that was read has changed since it was found. */
  readonly isSteady: boolean;
  /** Contents of small files that were read, by hash. */
  readonly kept: ReadonlyMap<string, Uint8Array>;
}

/** What helps to hash many files. */
export interface HashingOptions {
  /** What is known already of a file that has this stamp; `null`: nothing. */
  readonly known: ((path: string, stamp: FileStamp) => FileContent | null) | null;
  readonly delay?: Reading["delay"];
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** Hashes what `known` does not know, a few files at a time. */
export async function hashFound(
  root: string,
  found: readonly Found[],
  { known, delay, now = Date.now }: HashingOptions,
): Promise<HashedTree> {
  const unknown: number[] = [];
  const slots = found.map((entry, place): HashedEntry | null => {
    if (entry.kind === "symlink") return entry;
    const { path, stamp } = entry;
    const content = known?.(path, stamp) ?? null;
    if (content !== null) {
      // Field by field: to spread it takes five times as long, and there are thousands.
      return { kind: "file", path, stamp, hash: content.hash, secret: content.secret };
    }
    unknown.push(place);
    return null;
  });
  const obstacles: Obstacle[] = [];
  const gone: string[] = [];
  let isSteady = true;
  let isBeingWritten = false;
  const kept = new Map<string, Uint8Array>();
  let keptBytes = 0;
  const hashAtOnce = createHasherAtOnce(now);
  let begun = 0;
  const howToRead = ({ stamp }: { readonly stamp: FileStamp }): Reading => ({
    seen: stamp,
    now,
    ...(delay !== undefined && { delay }),
    // The project is refused anyway: five seconds for each of thousands would have no end.
    ...(isBeingWritten && { pausesMs: HASTY_MS }),
  });
  await inParallel(unknown, READERS, async (place) => {
    const entry = found[place];
    if (entry?.kind !== "file") return;
    const { path } = entry;
    // The connection to the server is being made meanwhile.
    if (++begun % FILES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    const absolute = `${root}/${path}`;
    const read = hashAtOnce(absolute, entry.stamp) ?? (await hashFile(absolute, howToRead(entry)));
    if (read.kind === "hashed") {
      const { hash, stamp, bytes } = read;
      const secret = stamp.sizeBytes === 0 ? null : (secretInName(path) ?? read.secret);
      slots[place] = { kind: "file", path, stamp, hash, secret };
      if (bytes !== null && keptBytes + bytes.length <= MOST_KEPT_BYTES) {
        keptBytes += bytes.length;
        kept.set(hash, bytes);
      }
      isSteady &&= isSameStamp(stamp, entry.stamp);
    } else {
      isSteady = false;
      isBeingWritten ||= read.kind === "unsteady";
      if (read.kind === "gone") gone.push(path);
      else obstacles.push(obstacleAt(path, whyUnfit(read)));
    }
  });
  return {
    entries: slots.filter((slot) => slot !== null),
    gone,
    obstacles: obstacles.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    isBeingWritten,
    isSteady,
    kept,
  };
}

/** More do not make it faster: 20,000 small files take 160 ms with 32, 220 ms with 8 and 180 ms one after the other. */
const READERS = 32;

/** How long a file is waited for once another was given up; milliseconds. */
const HASTY_MS = [20, 60];

/** So many small ones take 5 ms. */
const FILES_A_TURN = 256;

/** Most of what was read that is kept for sending it; the rest is read once more. */
const MOST_KEPT_BYTES = 128 * 1024 ** 2;

function whyUnfit(file: UnfitFile): string {
  switch (file.kind) {
    case "holds-key":
      return `holds the FetchML API key with the id ${file.keyId}`;
    case "unsteady":
      return "keeps changing while it is read";
    case "unreadable":
      return `cannot be read (${file.code})`;
  }
}
