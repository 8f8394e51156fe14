// Which attempts a pull is about, and the folder that is theirs here.
import { lstatSync, type Stats } from "node:fs";
import { resolve } from "node:path";
import {
  globBehindLink,
  globsWithoutMatch,
  type OutputListing,
  type Selection,
} from "@fetchml/client/pull";
import { FetchmlError } from "@fetchml/protocol";
import { endingOf, nothingFits, type UnmatchedGlobs } from "./pull-unmatched.ts";

/** What was typed. */
export interface WantedOutputs {
  readonly kind: Selection["kind"];
  readonly globs: readonly string[];
  /** The attempt in the reference; `null` for none. */
  readonly attempt: number | null;
  readonly latestOnly: boolean;
  readonly includeLog: boolean;
  /** As Node names it. */
  readonly platform: string;
  /** Whether what Git would take for a repository is pulled too. */
  readonly allowsGit: boolean;
  /** The folder that it was typed in. */
  readonly workingFolder: string;
}

/** What is wanted of a list. */
export interface SelectedOutputs {
  readonly selection: Selection;
  readonly folderName: string;
  readonly unmatched: UnmatchedGlobs;
}

/**
 * Reads a list by what was typed. The folder is that of the job, `train-12`; of one certain attempt it is `train-12.2`, so that two of
 * them never get mixed up.
 *
 * @throws FetchmlError output-not-found when there is nothing to pull
 */
export function selectOutputs(listing: OutputListing, wanted: WantedOutputs): SelectedOutputs {
  const { kind, globs, platform, allowsGit } = wanted;
  const { attempts, logs } = attemptsOf(listing, wanted);
  const left = listing.entries.filter((one) => isOf(one.attempt, attempts));
  const paths = left.map(({ entry }) => entry.path);
  const inVain = globsWithoutMatch(globs, paths);
  const unmatched = {
    globs: inVain,
    mayCome: !hasEnded(listing),
    real: realOf(inVain, left),
    here: thingsHere(new Set(inVain), wanted),
  };
  if (logs.length === 0) {
    if (paths.length === 0) throw nothingLeft(listing, wanted);
    const isInVain = globs.length > 0 && unmatched.globs.length === new Set(globs).size;
    if (isInVain) throw nothingFits(listing, unmatched);
  }
  return {
    selection: { kind, globs, attempts, logs, platform, allowsGit },
    folderName: folderNameOf(listing, wanted, attempts),
    unmatched,
  };
}

function realOf(
  globs: readonly string[],
  left: OutputListing["entries"],
): ReadonlyMap<string, string> {
  const entries = left.map(({ entry }) => entry);
  const pairs = globs.flatMap((glob) => {
    const real = globBehindLink(glob, entries);
    return real === null ? [] : [[glob, real] as const];
  });
  return new Map(pairs);
}

function thingsHere(
  inVain: ReadonlySet<string>,
  { globs, workingFolder }: WantedOutputs,
): UnmatchedGlobs["here"] {
  const typed = [...new Set(globs)].slice(0, MOST_LOOKED_AT);
  const found = typed.map((glob) => ({ glob, stats: statsOf(glob, workingFolder) }));
  const files = found.filter(({ stats }) => stats?.isFile() === true).map(({ glob }) => glob);
  const endings = files.map(endingOf);
  const isOfSeveral = (file: string) =>
    endings.filter((ending) => ending !== null && ending === endingOf(file)).length > 1;
  const folder = found.find(({ glob, stats }) => inVain.has(glob) && stats?.isDirectory() === true);
  return {
    file: files.find((file) => inVain.has(file) && isOfSeveral(file)) ?? null,
    folder: folder?.glob ?? null,
  };
}

/** A shell may make thousands of words of a pattern. */
const MOST_LOOKED_AT = 100;

function statsOf(glob: string, folder: string): Stats | null {
  try {
    return lstatSync(resolve(folder, glob), { throwIfNoEntry: false }) ?? null;
  } catch {
    // No name that this disk takes.
    return null;
  }
}

function hasEnded({ attempts }: OutputListing): boolean {
  return attempts.length > 0 && attempts.every(({ ended }) => ended);
}

function attemptsOf(
  listing: OutputListing,
  { attempt, latestOnly, includeLog }: WantedOutputs,
): { readonly attempts: readonly number[]; readonly logs: readonly number[] } {
  const all = listing.attempts.map((one) => one.attempt);
  const left = new Set(listing.entries.map((one) => one.attempt));
  const withOutputs = all.filter((one) => left.has(one));
  if (attempt !== null) return { attempts: [attempt], logs: includeLog ? [attempt] : [] };
  if (!latestOnly) return { attempts: withOutputs, logs: includeLog ? all : [] };
  const newest = withOutputs.at(-1) ?? all.at(-1);
  const only = newest === undefined ? [] : [newest];
  return { attempts: only, logs: includeLog ? only : [] };
}

/** A checkpoint is of every attempt. */
function isOf(attempt: number | null, attempts: readonly number[]): boolean {
  return attempt === null || attempts.includes(attempt);
}

function folderNameOf(
  { jobId, name }: OutputListing,
  { kind, attempt, latestOnly }: WantedOutputs,
  attempts: readonly number[],
): string {
  // The server's word for a name is not taken for the name of a folder without a look.
  const start = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) ? `${name}-${jobId}` : `job-${jobId}`;
  if (kind === "checkpoints") return `${start}-checkpoints`;
  const [only] = attempts;
  return (attempt !== null || latestOnly) && only !== undefined ? `${start}.${only}` : start;
}

function nothingLeft(listing: OutputListing, { kind, attempt }: WantedOutputs): FetchmlError {
  const { jobId, name } = listing;
  if (listing.attempts.length === 0) {
    return new FetchmlError(
      "output-not-found",
      `Job ${jobId} (${name}) has left nothing: it has never been started. "ml why ${jobId}" tells why.`,
    );
  }
  const job = attempt === null ? `${jobId} (${name})` : `${jobId}#${attempt} (${name})`;
  const where = kind === "checkpoints" ? "$ML_CHECKPOINT_DIR" : "$ML_OUTPUT_DIR";
  return new FetchmlError(
    "output-not-found",
    `Job ${job} has left nothing in ${where}${hasEnded(listing) ? "" : " yet"}. "ml show ${jobId}" tells more.`,
  );
}
