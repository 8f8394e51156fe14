// How much a project may hold before it is refused, and which paths to name then.
import { FetchmlError, formatSize } from "@fetchml/protocol";
import { ignoreLineFor, shownPath } from "./refusal.ts";

/** Upper bounds of what is sent. */
export interface ProjectLimits {
  readonly totalBytes: number;
  readonly fileBytes: number;
  /** Files and links together. */
  readonly fileCount: number;
}

/** 200 MiB in all, 50 MiB in one file, 50,000 files. */
export const DEFAULT_LIMITS: ProjectLimits = {
  totalBytes: 200 * 1024 ** 2,
  fileBytes: 50 * 1024 ** 2,
  fileCount: 50_000,
};

/** A file or link as far as limits are concerned; a link weighs nothing. */
export interface Weighed {
  readonly path: string;
  readonly stamp?: { readonly sizeBytes: number };
}

/**
 * Refuses a project that is over a limit. Files that are too large are named themselves; else what stands right below the
 * root, since it is mostly one folder that makes a project too large. The ten heaviest are in the details, three in the
 * message.
 *
 * @throws FetchmlError bad-project
 */
export function checkLimits(root: string, files: readonly Weighed[], limits: ProjectLimits): void {
  const tooLarge = files.filter((file) => sizeOf(file) > limits.fileBytes);
  if (tooLarge.length > 0) {
    const why = `a file of it is larger than ${formatSize(limits.fileBytes)}`;
    throw overLimit(root, { why, culprits: tooLarge.map(asCulprit), unit: formatSize });
  }
  if (files.length > limits.fileCount) {
    const why = `it has more than ${counted(limits.fileCount)}`;
    throw overLimit(root, { why, culprits: belowRoot(files, () => 1), unit: counted });
  }
  const total = files.reduce((sum, file) => sum + sizeOf(file), 0);
  if (total > limits.totalBytes) {
    const why = `it has ${formatSize(total)}, and ${formatSize(limits.totalBytes)} is the limit`;
    const culprits = belowRoot(files, sizeOf);
    throw overLimit(root, { why, culprits, unit: formatSize });
  }
}

interface Culprit {
  /** A folder's ends with a slash. */
  readonly path: string;
  readonly weight: number;
}

const NAMED = 3;
const TOLD = 10;

function sizeOf({ stamp }: Weighed): number {
  return stamp?.sizeBytes ?? 0;
}

function asCulprit(file: Weighed): Culprit {
  return { path: file.path, weight: sizeOf(file) };
}

function counted(files: number): string {
  return files === 1 ? "1 file" : `${files.toLocaleString("en")} files`;
}

function belowRoot(
  files: readonly Weighed[],
  weigh: (file: Weighed) => number,
): readonly Culprit[] {
  const weights = new Map<string, number>();
  for (const file of files) {
    const name = file.path.slice(0, file.path.indexOf("/") + 1) || file.path;
    weights.set(name, (weights.get(name) ?? 0) + weigh(file));
  }
  return [...weights].map(([path, weight]) => ({ path, weight }));
}

function overLimit(
  root: string,
  from: {
    readonly why: string;
    readonly culprits: readonly Culprit[];
    readonly unit: (weight: number) => string;
  },
): FetchmlError {
  const heaviest = from.culprits.toSorted((a, b) => b.weight - a.weight).slice(0, TOLD);
  const named = heaviest
    .slice(0, NAMED)
    .map(({ path, weight }) => `${shownPath(path)} (${from.unit(weight)})`);
  const lines = heaviest.map(({ path }) => ignoreLineFor(path));
  return new FetchmlError(
    "bad-project",
    `Cannot send the project ${root}: ${from.why}.\nLargest: ${named.join(", ")}.\nFor what the job does not need, add a line to .mlignore, such as: ${lines[0] ?? ""}`,
    { details: { paths: heaviest.map(({ path }) => path), ignore_lines: lines } },
  );
}
