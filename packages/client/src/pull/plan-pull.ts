// Decides from a list of outputs what is to be pulled and where it goes, before anything is written.
import { createLinkCheck, type LeftOutReason, type OutputEntry } from "@fetchml/protocol";
import { gitFolderCheck } from "./git-folders.ts";
import type { ListedEntry, OutputListing } from "./list-outputs.ts";
import { localPathProblem } from "./local-name.ts";
import { withLinkTargets } from "./link-targets.ts";
import { compileGlobs } from "./pull-globs.ts";
import type { PulledItem } from "./pulled-item.ts";
import { fileAddress, treeAddress } from "./remote-tree.ts";

/** A file to be pulled. */
export interface PlannedFile {
  readonly attempt: number | null;
  readonly path: string;
  /** Relative to the target. */
  readonly localPath: string;
  /** Where the server has it, and the list that it is from; a log is from none. */
  readonly address: string;
  readonly tree: string | null;
  /** As it was listed; `null` where that was not told. */
  readonly sizeBytes: number | null;
  readonly modifiedAt: number | null;
  readonly executable: boolean;
}

/** A link to be made. */
export interface PlannedLink {
  readonly attempt: number | null;
  readonly path: string;
  readonly localPath: string;
  readonly target: string;
}

/** What a pull is going to do. */
export interface PullPlan {
  readonly files: readonly PlannedFile[];
  readonly links: readonly PlannedLink[];
  /** What is known not to be possible. */
  readonly leftOut: readonly PulledItem[];
}

/** What is wanted of a list. */
export interface Selection {
  /** What the links among it lead to comes along. */
  readonly globs: readonly string[];
  /** The attempts to pull, first to last; of several each gets a folder of its own, `12.1`. */
  readonly attempts: readonly number[];
  /** The attempts whose logs to pull too. */
  readonly logs: readonly number[];
  readonly kind: "outputs" | "checkpoints";
  /** As Node names it. */
  readonly platform: string;
  /** Whether what Git would take for a repository is pulled too: it may name commands that Git then runs. */
  readonly allowsGit: boolean;
}

/** What a plan has to know of the target. */
export interface LocalSide {
  /** Whether there is something at a path; asked only about paths that lie below the target. */
  readonly isHere: (localPath: string) => boolean;
}

/** Plans the pull of what is wanted. */
export function planPull(
  listing: OutputListing,
  selection: Selection,
  { isHere }: LocalSide,
): PullPlan {
  const { attempts, kind, logs } = selection;
  const plan = {
    files: [] as PlannedFile[],
    links: [] as PlannedLink[],
    leftOut: [] as PulledItem[],
  };
  const trees = kind === "checkpoints" ? [null] : attempts;
  for (const attempt of trees) {
    const entries = listing.entries.filter((listed) => listed.attempt === attempt);
    const prefix = trees.length > 1 ? `${listing.jobId}.${attempt}/` : "";
    planTree(plan, { listing, selection, attempt, entries, prefix, isHere });
  }
  for (const attempt of logs) plan.files.push(logOf(listing.jobId, attempt));
  return plan;
}

interface GrowingPlan {
  readonly files: PlannedFile[];
  readonly links: PlannedLink[];
  readonly leftOut: PulledItem[];
}

function planTree(
  plan: GrowingPlan,
  from: {
    readonly listing: OutputListing;
    readonly selection: Selection;
    readonly attempt: number | null;
    readonly entries: readonly ListedEntry[];
    readonly prefix: string;
    readonly isHere: LocalSide["isHere"];
  },
): void {
  const { listing, attempt, prefix, isHere } = from;
  const { globs, kind, platform, allowsGit } = from.selection;
  const wanted = withLinkTargets(
    from.entries.map(({ entry }) => entry),
    compileGlobs(globs),
  );
  const linkProblem = createLinkCheck(linksOf(from.entries));
  const paths = allowsGit ? [] : from.entries.map(({ entry }) => entry.path);
  const gitProblem = gitFolderCheck(
    paths.filter((path) => localPathProblem(path, platform) === null),
    { isHere: (path) => isHere(prefix + path), platform },
  );
  const job = attempt === null ? String(listing.jobId) : `${listing.jobId}#${attempt}`;
  const tree = treeAddress(job, kind);
  for (const { entry } of from.entries) {
    const { path } = entry;
    if (!wanted.has(path)) continue;
    const place = { attempt, path, localPath: prefix + path };
    const problem = problemOf(entry, { platform, linkProblem, gitProblem });
    if (problem !== null) plan.leftOut.push(leftOut(entry, place, problem));
    else if (entry.kind === "symlink") plan.links.push({ ...place, target: entry.target });
    else if (entry.kind !== "file")
      plan.leftOut.push(leftOut(entry, place, "is of an unknown kind"));
    else {
      plan.files.push({
        ...place,
        address: fileAddress(tree, path),
        tree,
        sizeBytes: entry.size_bytes,
        modifiedAt: entry.modified_at,
        executable: entry.executable,
      });
    }
  }
}

function linksOf(entries: readonly ListedEntry[]): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const { entry } of entries) {
    if (entry.kind === "symlink") links.set(entry.path, entry.target);
  }
  return links;
}

function problemOf(
  entry: OutputEntry,
  {
    platform,
    linkProblem,
    gitProblem,
  }: {
    readonly platform: string;
    readonly gitProblem: (path: string) => string | null;
    readonly linkProblem: (path: string, target: string) => string | null;
  },
): string | null {
  if (entry.kind === "left-out") return REASONS[entry.reason] ?? "is not given out";
  const problem = localPathProblem(entry.path, platform) ?? gitProblem(entry.path);
  if (problem !== null || entry.kind !== "symlink") return problem;
  return (
    linkProblem(entry.path, entry.target)?.replace("out of the project", "out of the outputs") ??
    null
  );
}

const REASONS: Readonly<Record<LeftOutReason, string>> = {
  "name-not-utf8": "has a name that is not UTF-8",
  "name-holds-key": "holds an API key in its name",
  "not-a-file": "is a device, a socket or a named pipe",
  "foreign-file": "is a link to a file of another account on the box",
  unreadable: "cannot be read by the server",
  "path-too-long": "has a path that is too long to be opened",
};

function leftOut(
  entry: OutputEntry,
  place: { readonly attempt: number | null; readonly path: string; readonly localPath: string },
  why: string,
): PulledItem {
  const { attempt, path, localPath } = place;
  return {
    kind: kindOf(entry),
    attempt,
    path,
    local_path: localPath,
    size_bytes: null,
    outcome: "left-out",
    why,
  };
}

function kindOf(entry: OutputEntry): PulledItem["kind"] {
  if (entry.kind !== "left-out") return entry.kind;
  // A pipe or a socket holds nothing that could be missed; what the server cannot read may.
  return entry.reason === "not-a-file" ? "other" : "file";
}

function logOf(jobId: number, attempt: number): PlannedFile {
  return {
    attempt,
    path: `${jobId}.${attempt}.log`,
    localPath: `${jobId}.${attempt}.log`,
    address: treeAddress(`${jobId}#${attempt}`, "log"),
    tree: null,
    sizeBytes: null,
    modifiedAt: null,
    executable: false,
  };
}
