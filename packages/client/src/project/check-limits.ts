// Refuses a project that holds more than it may, naming the paths that make it so.
import {
  FetchmlError,
  foldersBegun,
  formatSize,
  type Manifest,
  type ServerLimits,
} from "@fetchml/protocol";
import { heaviestPaths, type HeavyPath } from "./heaviest-paths.ts";
import { DEFAULT_LIMITS, type ProjectLimits } from "./limits.ts";
import { createRebuiltLookup } from "./rebuilt-folders.ts";
import { ignoreLineFor, shownPath } from "./refusal.ts";

/** A file or link as far as limits are concerned; a link weighs nothing. */
export interface Weighed {
  readonly path: string;
  readonly stamp?: { readonly sizeBytes: number };
}

/**
 * Refuses a project that is over one of its own limits. Files that are too large are named themselves; else the paths,
 * mostly folders, that together make the project too large. A folder that is made anew on the box is named as a whole. The
 * ten heaviest are in the details, three in the message. Of folders there may be as many as of files, and at least 50,000.
 *
 * @param files in the order of a manifest
 * @throws FetchmlError bad-project
 */
export function checkLimits(root: string, files: readonly Weighed[], limits: ProjectLimits): void {
  // Who allows few files has not thought of folders.
  const folderCount = Math.max(limits.fileCount, DEFAULT_LIMITS.fileCount);
  check(files, { root, limits: { ...limits, folderCount }, setBy: OWN });
}

/**
 * Refuses a project that the server would not take, before anything of it is sent.
 * @throws FetchmlError bad-project, as {@link checkLimits} does
 */
export function checkServerLimits(
  root: string,
  manifest: Manifest,
  { snapshot }: ServerLimits,
): void {
  const limits = {
    totalBytes: snapshot.max_size_bytes,
    fileBytes: snapshot.max_file_size_bytes,
    fileCount: snapshot.max_files,
    folderCount: snapshot.max_files,
  };
  const { entries } = manifest;
  if (areWithin(entries, (entry) => (entry.kind === "file" ? entry.size_bytes : 0), limits)) return;
  const files = entries.map((entry): Weighed => {
    const { path } = entry;
    return entry.kind === "file" ? { path, stamp: { sizeBytes: entry.size_bytes } } : { path };
  });
  check(files, { root, limits, setBy: SERVERS });
}

interface Bounds extends ProjectLimits {
  readonly folderCount: number;
}

interface Check {
  readonly root: string;
  readonly limits: Bounds;
  /** Who may raise each limit, in brackets behind it. */
  readonly setBy: Readonly<Record<keyof ProjectLimits, string>>;
}

const OWN = {
  totalBytes: "max_size in ml.toml",
  fileBytes: "max_file_size in ml.toml",
  fileCount: "max_files in ml.toml",
} as const;

const SERVERS = {
  totalBytes: "set by the server's admin",
  fileBytes: "set by the server's admin",
  fileCount: "set by the server's admin",
} as const;

/** Nearly all are: then nothing need be found out but that. */
function areWithin<T extends { readonly path: string }>(
  files: readonly T[],
  bytesOf: (file: T) => number,
  limits: Bounds,
): boolean {
  let totalBytes = 0;
  let folders = 0;
  let before = "";
  for (const file of files) {
    const bytes = bytesOf(file);
    if (bytes > limits.fileBytes) return false;
    totalBytes += bytes;
    folders += foldersBegun(file.path, before);
    before = file.path;
  }
  return (
    files.length <= limits.fileCount &&
    folders <= limits.folderCount &&
    totalBytes <= limits.totalBytes
  );
}

function check(files: readonly Weighed[], { root, limits, setBy }: Check): void {
  if (areWithin(files, sizeOf, limits)) return;
  const rebuiltAt = createRebuiltLookup(root);
  const isRebuilt = (folder: string) => rebuiltAt(folder) !== null;
  const tooLarge = files.filter((file) => sizeOf(file) > limits.fileBytes);
  if (tooLarge.length > 0) {
    const paths = wholeFolders(rebuiltAt, tooLarge, files);
    const { limit, unit } = toldApart(
      paths.map(({ weight }) => weight),
      limits.fileBytes,
    );
    const why = `a file of it is larger than ${limit} (${setBy.fileBytes})`;
    throw overLimit(root, { why, paths, unit, rebuiltAt });
  }
  if (files.length > limits.fileCount) {
    const why = `it has more than ${countedFiles(limits.fileCount)} (${setBy.fileCount})`;
    const paths = heaviestPaths(files, () => 1, isRebuilt);
    throw overLimit(root, { why, paths, unit: countedFiles, rebuiltAt });
  }
  const begun = new Map(
    files.map((file, place) => [file, foldersBegun(file.path, files[place - 1]?.path ?? "")]),
  );
  if (begun.values().reduce((sum, folders) => sum + folders, 0) > limits.folderCount) {
    const why = `it has more than ${countedFolders(limits.folderCount)} (${setBy.fileCount})`;
    const paths = heaviestPaths(files, (file) => begun.get(file) ?? 0, isRebuilt);
    throw overLimit(root, { why, paths, unit: countedFolders, rebuiltAt });
  }
  const total = files.reduce((sum, file) => sum + sizeOf(file), 0);
  if (total > limits.totalBytes) {
    const { limit, unit } = toldApart([total], limits.totalBytes);
    const why = `it has ${unit(total)}, and ${limit} is the limit (${setBy.totalBytes})`;
    const paths = heaviestPaths(files, sizeOf, isRebuilt);
    throw overLimit(root, { why, paths, unit: formatSize, rebuiltAt });
  }
}

type RebuiltLookup = ReturnType<typeof createRebuiltLookup>;

/** The files that are too large, and in place of those that are made anew on the box the folder with all that it holds. */
function wholeFolders(
  rebuiltAt: RebuiltLookup,
  tooLarge: readonly Weighed[],
  files: readonly Weighed[],
): readonly HeavyPath[] {
  const weights = new Map<string, number>();
  for (const file of tooLarge) {
    const folder = rebuiltAt(file.path)?.path;
    const path = folder ?? file.path;
    if (weights.has(path)) continue;
    const held = folder === undefined ? [file] : files.filter((one) => one.path.startsWith(folder));
    weights.set(
      path,
      held.reduce((sum, one) => sum + sizeOf(one), 0),
    );
  }
  return [...weights].map(([path, weight]) => ({ path, weight }));
}

/** How to write sizes that are over a limit, and the limit: to the byte where they would read alike. */
function toldApart(
  sizes: readonly number[],
  limitBytes: number,
): { readonly limit: string; readonly unit: (bytes: number) => string } {
  const short = formatSize(limitBytes);
  const unit = (bytes: number) =>
    formatSize(bytes) === short ? inBytes(bytes) : formatSize(bytes);
  const areAlike = sizes.some((size) => formatSize(size) === short);
  return { limit: areAlike ? inBytes(limitBytes) : short, unit };
}

function inBytes(bytes: number): string {
  return `${bytes.toLocaleString("en")} bytes`;
}

const NAMED = 3;
const TOLD = 10;

function sizeOf({ stamp }: Weighed): number {
  return stamp?.sizeBytes ?? 0;
}

function countedFiles(files: number): string {
  return files === 1 ? "1 file" : `${files.toLocaleString("en")} files`;
}

function countedFolders(folders: number): string {
  return folders === 1 ? "1 folder" : `${folders.toLocaleString("en")} folders`;
}

function overLimit(
  root: string,
  from: {
    readonly why: string;
    readonly paths: readonly HeavyPath[];
    readonly unit: (weight: number) => string;
    readonly rebuiltAt: RebuiltLookup;
  },
): FetchmlError {
  const told = from.paths
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, TOLD)
    .map(({ path, weight }) => ({ path, weight: from.unit(weight), line: ignoreLineFor(path) }));
  const named = told.slice(0, NAMED).map(({ path, weight }) => `${shownPath(path)} (${weight})`);
  const [hint] = told.flatMap(({ path }) => from.rebuiltAt(path)?.advice ?? []);
  return new FetchmlError(
    "bad-project",
    `Cannot send the project ${root}: ${from.why}.\nLargest: ${named.join(", ")}.${hint === undefined ? "" : ` ${hint}`}\nFor what the job does not need, add a line to .mlignore, such as: ${told[0]?.line ?? ""}`,
    {
      details: {
        paths: told.map(({ path }) => shownPath(path)),
        reasons: told.map(({ weight }) => weight),
        ignore_lines: told.map(({ line }) => line),
      },
    },
  );
}
