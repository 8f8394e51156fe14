// Pulls what a job has left into a folder.
import type { Endpoint } from "../client.ts";
import type { OutputListing } from "./list-outputs.ts";
import { findClashes, foldsNames } from "./name-clashes.ts";
import { PartsFolder } from "./parts-folder.ts";
import { Patience, type PatienceOptions } from "./patience.ts";
import {
  planPull,
  type PlannedFile,
  type PlannedLink,
  type PullPlan,
  type Selection,
} from "./plan-pull.ts";
import { pullFiles } from "./pull-files.ts";
import { pullLink } from "./pull-link.ts";
import { ProgressSum, type PullProgress } from "./pull-progress.ts";
import type { PulledItem } from "./pulled-item.ts";
import { refuseWithoutRoom } from "./room-check.ts";
import type { TargetFolder } from "./target-folder.ts";

/** What to pull, whereto and how. */
export interface PullOptions extends PatienceOptions {
  readonly listing: OutputListing;
  readonly selection: Selection;
  readonly target: TargetFolder;
  /** Whether what differs here may be replaced. */
  readonly force: boolean;
  /** Whether what is here of the same size and time is compared by its content too; default it counts as the same. */
  readonly verify?: boolean;
  /** Called often. */
  readonly onProgress?: (progress: PullProgress) => void;
}

/**
 * Pulls everything that is selected and tells what became of each. It goes on over lost connections, and where an earlier pull
 * into the same folder was cut off; nothing is written outside the folder, and nothing in it that differs is lost.
 *
 * @throws FetchmlError as the server and the connection do; bad-file, disk-full when it cannot be written here
 */
export async function pullOutputs(endpoint: Endpoint, options: PullOptions): Promise<PulledItem[]> {
  const { target, force, verify = false } = options;
  const parts = new PartsFolder(target);
  const { signal, abort } = abortable();
  const progress = new ProgressSum(options.onProgress ?? (() => undefined));
  const patience = new Patience(options, signal);
  const pull = { endpoint, target, parts, force, verify, progress, patience, signal };
  const { listing, selection } = options;
  const plan = planPull(listing, selection, { isHere: (path) => target.has(path) });
  const { files, links, leftOut } = withoutClashes(plan, listing.jobId, parts);
  refuseWithoutRoom(pull, files);
  const pulled = await pullFiles(pull, files, abort);
  // After all files: nothing is ever written below a link.
  const made = links.map((link) => pullLink(pull, link));
  parts.tidy(Date.now());
  return [...leftOut, ...pulled, ...made];
}

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** Takes out what would land on another one here. */
function withoutClashes(
  { files, links, leftOut }: PullPlan,
  jobId: number,
  parts: PartsFolder,
): PullPlan {
  // What the job has left goes before the logs.
  const all = [...files.filter((one) => !isLog(one)), ...links, ...files.filter(isLog)];
  const paths = all.map(({ localPath }) => localPath);
  const clashes = findClashes(paths, () => parts.make(foldsNames));
  const taken = new Map<PlannedFile | PlannedLink, PulledItem>();
  for (const [place, first] of clashes) {
    const one = all[place];
    if (one === undefined) continue;
    const same = `would be the same file here as ${JSON.stringify(first)}`;
    taken.set(one, leftOutItem(one, isLog(one) ? logClash(one, jobId) : same));
  }
  return {
    files: files.filter((one) => !taken.has(one)),
    links: links.filter((one) => !taken.has(one)),
    leftOut: [...leftOut, ...taken.values()],
  };
}

function isLog(one: PlannedFile | PlannedLink): boolean {
  return "tree" in one && one.tree === null;
}

/** No other folder would help: both would go there. */
function logClash({ attempt }: PlannedFile | PlannedLink, jobId: number): string {
  return (
    `would be the log of attempt ${attempt}, but the job has left a file of that name: only that one is pulled. ` +
    `Leave out --include-log, or write the log under another name: ml logs '${jobId}#${attempt}' --raw > FILE`
  );
}

function leftOutItem(one: PlannedFile | PlannedLink, why: string): PulledItem {
  return {
    kind: "address" in one ? "file" : "symlink",
    attempt: one.attempt,
    path: one.path,
    local_path: one.localPath,
    size_bytes: null,
    outcome: "left-out",
    why,
  };
}
