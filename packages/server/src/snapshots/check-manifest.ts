// Reads a manifest that somebody sent, and refuses all that could do harm when it is written to disk.
import {
  containsApiKey,
  FetchmlError,
  formatSize,
  manifestTreeSteps,
  NEW_TREE,
  type Manifest,
  type ManifestEntry,
  type TreeRules,
} from "@fetchml/protocol";
import { inTurns, STEPS_BETWEEN_PAUSES } from "./in-turns.ts";
import { CHARACTERS_BETWEEN_PAUSES, parseManifest } from "./parse-manifest.ts";

/** Upper bounds of what a user may send. */
export interface SnapshotLimits {
  /** Of a manifest's text. */
  readonly manifestBytes: number;
  /** Files and links in one snapshot; and folders, which its paths make on the disk. */
  readonly entries: number;
  readonly blobBytes: number;
  /** Of all files of one snapshot, each counted, also those of equal content. */
  readonly totalBytes: number;
}

/** A manifest that was checked. */
export interface CheckedManifest {
  readonly manifest: Manifest;
  /** Each blob's size by its hash, in the order of the manifest. */
  readonly blobs: ReadonlyMap<string, number>;
  readonly fileCount: number;
  readonly totalBytes: number;
}

/**
 * Checks a manifest: its form, to the byte; its paths and links; its limits; that no name holds an API key. One of 50,000 files
 * takes 200 ms, in which others are answered.
 *
 * @param rules of its paths; default: those for what comes in
 * @throws FetchmlError bad-content, too-large
 */
export function checkManifest(
  text: string,
  limits: SnapshotLimits,
  rules: TreeRules = NEW_TREE,
): Promise<CheckedManifest> {
  return inTurns(checkSteps(text, limits, rules));
}

function* checkSteps(
  text: string,
  limits: SnapshotLimits,
  rules: TreeRules,
): Generator<void, CheckedManifest, void> {
  if (text.length > limits.manifestBytes) {
    throw tooLarge(`its list of files has more than ${formatSize(limits.manifestBytes)}`);
  }
  const entries = yield* parseManifest(text);
  if (entries.length > limits.entries) throw tooLarge(`it has more than ${limits.entries} files`);
  const problem = yield* manifestTreeSteps(entries, { ...rules, folders: limits.entries });
  if (problem !== null) throw problem.isTooLarge ? tooLarge(problem.why) : bad(problem.why, RENAME);
  yield* refuseKeysInNames(entries);
  const weighed = yield* weigh(entries, limits);
  return { manifest: { version: 1, entries: [...entries] }, ...weighed };
}

/** Names are shown to those who may see the job, and stored where nobody looks for keys. */
function* refuseKeysInNames(entries: readonly ManifestEntry[]): Generator<void, void, void> {
  let searched = 0;
  for (const entry of entries) {
    const name = entry.kind === "symlink" ? `${entry.path}\n${entry.target}` : entry.path;
    if (containsApiKey(name)) throw keyInName();
    searched += name.length;
    if (searched < CHARACTERS_BETWEEN_PAUSES) continue;
    searched = 0;
    yield;
  }
}

function keyInName(): FetchmlError {
  return new FetchmlError(
    "bad-content",
    "The name of a file in the project holds an API key, which would be stored and shown.\nRename or leave out the file, and have the key revoked if others can have seen it.",
  );
}

function* weigh(
  entries: readonly ManifestEntry[],
  limits: SnapshotLimits,
): Generator<void, Omit<CheckedManifest, "manifest">, void> {
  const blobs = new Map<string, number>();
  let fileCount = 0;
  let totalBytes = 0;
  for (const entry of entries) {
    if (entry.kind === "symlink") continue;
    const { path, hash, size_bytes: size } = entry;
    if (size > limits.blobBytes) {
      const limit = formatSize(limits.blobBytes);
      throw tooLarge(`${JSON.stringify(path)} has ${formatSize(size)}, and ${limit} is the limit`);
    }
    if ((blobs.get(hash) ?? size) !== size) {
      throw bad(`the path ${JSON.stringify(path)} has the hash of a file of another size`);
    }
    blobs.set(hash, size);
    fileCount += 1;
    totalBytes += size;
    if (fileCount % STEPS_BETWEEN_PAUSES === 0) yield;
  }
  if (totalBytes > limits.totalBytes) {
    const limit = formatSize(limits.totalBytes);
    throw tooLarge(`it has ${formatSize(totalBytes)}, and ${limit} is the limit of this server`);
  }
  return { blobs, fileCount, totalBytes };
}

const RENAME = "\nRename or move it, or leave it out through .mlignore.";

function bad(why: string, advice = ""): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `The server refuses the list of the project's files: ${why}.${advice}`,
  );
}

function tooLarge(why: string): FetchmlError {
  return new FetchmlError(
    "too-large",
    `The server refuses the project: ${why}.\nLeave out through .mlignore what the job does not need.`,
  );
}
