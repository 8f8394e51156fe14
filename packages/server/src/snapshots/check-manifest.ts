// Reads a manifest that somebody sent, and refuses all that could do harm when it is written to disk.
import {
  comparePaths,
  createLinkCheck,
  FetchmlError,
  findPathClash,
  formatSize,
  manifestPathProblem,
  manifestText,
  type ManifestEntry,
} from "@fetchml/protocol";
import { Manifest } from "@fetchml/protocol/schemas";

/** Upper bounds of what a user may send. */
export interface SnapshotLimits {
  /** Of a manifest's text. */
  readonly manifestBytes: number;
  /** Files and links in one snapshot. */
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
 * Checks a manifest: its form, to the byte; its paths and links; its limits.
 * @throws FetchmlError bad-content, too-large
 */
export function checkManifest(text: string, limits: SnapshotLimits): CheckedManifest {
  if (text.length > limits.manifestBytes) {
    throw tooLarge(`its list of files has more than ${formatSize(limits.manifestBytes)}`);
  }
  const manifest = parse(text);
  const { entries } = manifest;
  if (entries.length > limits.entries) throw tooLarge(`it has more than ${limits.entries} files`);
  refuseBadPaths(entries);
  refuseBadLinks(entries);
  return { manifest, ...weigh(entries, limits) };
}

function parse(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad("it is not JSON");
  }
  const parsed = Manifest.safeParse(value);
  if (!parsed.success) throw bad("it does not have the form of a manifest");
  // Equal trees must have equal ids: another spelling of the same JSON is another text.
  if (manifestText(parsed.data) !== text) throw bad("it is not in its canonical form");
  return parsed.data;
}

function refuseBadPaths(entries: readonly ManifestEntry[]): void {
  let before: ManifestEntry | null = null;
  const taken = new Set<string>();
  for (const entry of entries) {
    const { path } = entry;
    const problem = manifestPathProblem(path);
    if (problem !== null) throw bad(`the path ${JSON.stringify(path)} ${problem}`);
    if (before !== null && comparePaths(before.path, path) >= 0) {
      throw bad(`the path ${JSON.stringify(path)} stands twice or in the wrong place`);
    }
    // Sorted by bytes, a file comes before whatever claims to lie below it.
    const parent = parentIn(taken, path);
    if (parent !== null) {
      throw bad(
        `the path ${JSON.stringify(path)} lies below ${JSON.stringify(parent)}, which is no folder`,
      );
    }
    taken.add(path);
    before = entry;
  }
  const clash = findPathClash(taken);
  if (clash !== null) {
    const [first, second] = clash.map((path) => JSON.stringify(path));
    throw bad(`the paths ${first} and ${second} have the same name on a Mac and on Windows`);
  }
}

function parentIn(taken: ReadonlySet<string>, path: string): string | null {
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
    const parent = path.slice(0, end);
    if (taken.has(parent)) return parent;
  }
  return null;
}

function refuseBadLinks(entries: readonly ManifestEntry[]): void {
  const links = new Map<string, string>();
  for (const entry of entries) if (entry.kind === "symlink") links.set(entry.path, entry.target);
  const problemOf = createLinkCheck(links);
  for (const [path, target] of links) {
    const problem = problemOf(path, target);
    if (problem !== null) throw bad(`the path ${JSON.stringify(path)} ${problem}`);
  }
}

function weigh(
  entries: readonly ManifestEntry[],
  limits: SnapshotLimits,
): Omit<CheckedManifest, "manifest"> {
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
  }
  if (totalBytes > limits.totalBytes) {
    const limit = formatSize(limits.totalBytes);
    throw tooLarge(`it has ${formatSize(totalBytes)}, and ${limit} is the limit of this server`);
  }
  return { blobs, fileCount, totalBytes };
}

function bad(why: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `The server refuses the list of the project's files: ${why}.`,
  );
}

function tooLarge(why: string): FetchmlError {
  return new FetchmlError(
    "too-large",
    `The server refuses the project: ${why}.\nLeave out through .mlignore what the job does not need.`,
  );
}
