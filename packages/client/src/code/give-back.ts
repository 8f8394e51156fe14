// Gives the code of a job back: the exact tree, in a folder of the user's.
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError, type BlobHeader, type Manifest } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import type { Pace } from "../connection/pace.ts";
import { claimTarget, type ClaimedTarget } from "./claimed-target.ts";
import { fetchBlobs } from "./fetch-blobs.ts";
import { BARE_REPOSITORY, bareRepositoryHeads } from "./git-layout.ts";
import { fetchManifest, type CodeOf } from "./job-manifest.ts";
import { laptopNameProblem } from "./laptop-names.ts";
import { claimedAlready, inTheWay, notEmpty, sayingWhyNot } from "./refused-target.ts";
import { surveyTarget } from "./survey-target.ts";
import { foldersOf, makeFolders } from "./tree-folders.ts";
import { TreeWriter, type FileWanted } from "./tree-writer.ts";

/** Whose code goes where. */
export interface CodeWanted extends CodeOf {
  /** Absolute path of the folder; made when missing. */
  readonly target: string;
  /** Whether to write over files that differ, in a folder that holds other things too. */
  readonly force: boolean;
  /** Whether what Git would take for a repository is written too: it may name commands that Git then runs. */
  readonly allowsGit: boolean;
  /** As Node names it. */
  readonly platform: string;
  /**
   * Told, once something may be written, how to take away what is not whole: at once, for whoever is about to end the process. What
   * cannot be taken away then, the next run takes away.
   */
  readonly onClaimed?: (letGo: () => void) => void;
  /** Called often, with bytes of content; see `fetchBlobs`. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly pace?: Pick<Pace, "delay">;
}

/** What was done. */
export interface CodeGiven {
  /** Files and links of the tree. */
  readonly entries: number;
  /** How many of them are links. */
  readonly links: number;
  /** Of all files, each counted. */
  readonly totalBytes: number;
  /** How many of them were there already. */
  readonly ready: number;
  /** Paths in the folder that are not of the tree and were left alone. */
  readonly strange: readonly string[];
}

/**
 * Writes the tree of a job's code: names, links, executable bits and contents. The folder is missing, empty, or holds a part
 * of this very tree, which an earlier run that was cut off has left: that is checked and kept. Nothing is written outside
 * it. Each file appears whole or not at all, links come last. When it fails, what is whole stays.
 *
 * @throws FetchmlError bad-file for a folder that holds something else; conflict while another run writes to it; disk-full; and as `fetchManifest` and `fetchBlobs` do
 */
export async function giveCodeBack(endpoint: Endpoint, wanted: CodeWanted): Promise<CodeGiven> {
  const manifest = await fetchManifest(endpoint, wanted);
  refuseUnfitNames(manifest, wanted);
  return sayingWhyNot(wanted.target, async () => {
    mkdirSync(wanted.target, { recursive: true });
    // The folder itself may be a link, as the user says so; from here on none is followed.
    const target = realpathSync(wanted.target);
    const leaveOut = stagingName(manifest);
    const claimed = claimTarget(join(target, leaveOut));
    if (typeof claimed === "number") throw claimedAlready(wanted, claimed);
    wanted.onClaimed?.(() => letGo(claimed));
    try {
      return await writeInto(endpoint, wanted, {
        manifest,
        target,
        leaveOut,
        staging: claimed.staging,
      });
    } finally {
      claimed.close();
    }
  });
}

function letGo(claimed: ClaimedTarget): void {
  try {
    claimed.close();
  } catch {
    // Windows takes no file away that is open.
  }
}

async function writeInto(
  endpoint: Endpoint,
  wanted: CodeWanted,
  into: {
    readonly manifest: Manifest;
    readonly target: string;
    readonly staging: string;
    readonly leaveOut: string;
  },
): Promise<CodeGiven> {
  const { manifest, target, leaveOut } = into;
  const survey = await surveyTarget(target, manifest, { leaveOut, platform: wanted.platform });
  const { ready, strange, differing, blocking } = survey;
  if (blocking.length > 0) throw inTheWay(wanted, blocking);
  if (!wanted.force && strange.length + differing.length > 0) {
    throw notEmpty(wanted, [...differing, ...strange]);
  }
  try {
    await write(endpoint, wanted, { ...into, ready });
  } catch (error) {
    throw tellingHowToGoOn(error, wanted);
  }
  return { ...sizeOf(manifest), ready: ready.size, strange };
}

async function write(
  endpoint: Endpoint,
  wanted: CodeWanted,
  into: {
    readonly manifest: Manifest;
    readonly target: string;
    readonly staging: string;
    readonly ready: ReadonlySet<string>;
  },
): Promise<void> {
  const { manifest, target, staging, ready } = into;
  const files = new Map<string, FileWanted[]>();
  const blobs: BlobHeader[] = [];
  for (const entry of manifest.entries) {
    if (entry.kind !== "file" || ready.has(entry.path)) continue;
    const same = files.get(entry.hash);
    if (same === undefined) {
      files.set(entry.hash, [entry]);
      blobs.push({ hash: entry.hash, sizeBytes: entry.size_bytes });
    } else same.push(entry);
  }
  const obstructed = makeFolders(target, foldersOf(manifest));
  if (obstructed !== null) throw inTheWay(wanted, [obstructed]);
  const writer = new TreeWriter({ target, staging, files });
  try {
    await fetchBlobs(endpoint, { ...wanted, blobs, sink: writer });
    for (const entry of manifest.entries) {
      if (entry.kind === "symlink" && !ready.has(entry.path)) writer.link(entry.path, entry.target);
    }
  } finally {
    writer.close();
  }
}

/** A name that nothing of the tree has, whatever the file system takes for equal. The same for each run. */
function stagingName({ entries }: Manifest): string {
  const taken = new Set(entries.map(({ path }) => path.split("/")[0]?.toLowerCase()));
  let name = ".ml-code.part";
  while (taken.has(name)) name += "~";
  return name;
}

function sizeOf({ entries }: Manifest): Pick<CodeGiven, "entries" | "links" | "totalBytes"> {
  let links = 0;
  let totalBytes = 0;
  for (const entry of entries) {
    if (entry.kind === "file") totalBytes += entry.size_bytes;
    else links += 1;
  }
  return { entries: entries.length, links, totalBytes };
}

function refuseUnfitNames(manifest: Manifest, { jobId, platform, allowsGit }: CodeWanted): void {
  // Whoever's the job is: that is the server's word.
  const paths = allowsGit ? [] : manifest.entries.map(({ path }) => path);
  const heads = bareRepositoryHeads(paths, platform);
  for (const { path } of manifest.entries) {
    const isHead = heads.has(path);
    const problem = isHead ? BARE_REPOSITORY : laptopNameProblem(path, platform);
    if (problem === null) continue;
    const advice = isHead ? `\n${HOW_TO_ALLOW}` : "";
    throw new FetchmlError(
      "bad-content",
      `Cannot write the code of job ${jobId} here: ${JSON.stringify(path)} ${problem}. Nothing was written.${advice}`,
    );
  }
}

const HOW_TO_ALLOW = "If you trust whoever has sent it, as with your own job, add --allow-git.";

/** Everything that came whole stays, so that a lost connection costs little. */
function tellingHowToGoOn(error: unknown, { target }: CodeWanted): unknown {
  if (!(error instanceof FetchmlError) || error.code !== "unreachable") return error;
  return new FetchmlError(
    error.code,
    `${error.message}\nWhat has come stays in ${target}; the same command goes on from there.`,
    { details: error.details, cause: error },
  );
}
