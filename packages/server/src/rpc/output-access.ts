// Whose outputs a call means, for a caller who may have them, and where they lie.
import { realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { FOLDERS_INSIDE } from "../domain/folders-inside.ts";
import { maySeePrivate, type Principal } from "../domain/principal.ts";
import { findJob } from "../queue/find-job.ts";
import { showJob } from "../queue/look.ts";
import { refuseRemoved } from "../queue/removed-files.ts";
import { findLog, hasEnded, type AttemptLog } from "./attempt-log.ts";
import type { RpcContext } from "./context.ts";

/** What part of a job's files is meant: what each attempt leaves, or what all attempts share. */
export type TreeKind = "outputs" | "checkpoints";

/** A folder of files that the caller may have. */
export interface Tree {
  /** `null` for checkpoints, which belong to no one attempt. */
  readonly attempt: number | null;
  /** Absolute, and without a link of the admin's making; it need not be there. */
  readonly path: string;
  /** Other absolute paths by which the job may know it. */
  readonly aliases: readonly string[];
}

/** A job whose files the caller may have. */
export interface JobTrees {
  readonly jobId: number;
  readonly name: string;
  /** The one attempt that was named, else all, first to last, and whether each has ended, so that nothing more comes. */
  readonly attempts: readonly { readonly attempt: number; readonly ended: boolean }[];
  /** First to last. */
  readonly trees: readonly Tree[];
}

/** Which job, and which attempt of it; the one in the reference (`12#2`) goes before the other. */
export interface WantedAttempt {
  readonly job: string;
  readonly attempt?: number | undefined;
}

/**
 * Finds the files that a call means: of the attempt named, else of all.
 *
 * @throws FetchmlError job-not-found, also where the caller may not have them; output-not-found for an attempt there was not;
 *   removed
 */
export async function findTrees(
  { queue, dataDir }: Pick<RpcContext, "queue" | "dataDir">,
  principal: Principal,
  wanted: WantedAttempt & { readonly kind: TreeKind },
): Promise<JobTrees> {
  const { row, attempt: inRef } = await queue.db.read(() => findJob(queue, principal, wanted.job));
  if (!maySeePrivate(principal, row.user_id)) throw notGiven(row.id);
  await queue.db.read(() => refuseRemoved(queue.db, row, wanted.kind));
  const { id, name, attempts: all } = await showJob(queue, principal, String(row.id));
  const only = inRef ?? wanted.attempt ?? null;
  const attempts = all
    .filter(({ number }) => only === null || number === only)
    .map(({ number, ended_at }) => ({ attempt: number, ended: ended_at !== null }));
  if (only !== null && attempts.length === 0) throw noSuchAttempt(id, name, only);
  const trees =
    wanted.kind === "checkpoints"
      ? [treeAt(null, join(dataDir, "checkpoints"), join(dataDir, "checkpoints", String(id)))]
      : attempts.map(({ attempt }) => {
          const { root, outputs } = attemptFolder(dataDir, { jobId: id, attempt });
          return treeAt(attempt, dirname(root), outputs);
        });
  return { jobId: id, name, attempts, trees };
}

/** Where a log lies, and what of it is shown. */
export interface LogPlace {
  readonly folder: string;
  readonly path: string;
  readonly name: string;
  /** Whether its attempt has ended, so that nothing more comes. */
  readonly isComplete: boolean;
  readonly mask: AttemptLog["mask"];
}

/** Where the log of an attempt lies that the caller may read. @throws FetchmlError as {@link findLog} */
export async function findLogPlace(
  ctx: RpcContext,
  principal: Principal,
  wanted: WantedAttempt,
): Promise<LogPlace> {
  const { job, attempt, mask } = await findLog(ctx, principal, wanted);
  const { root, control, log } = attemptFolder(ctx.dataDir, { jobId: job.id, attempt });
  const name = `the log of ${job.id}#${attempt}`;
  const isComplete = hasEnded(job, attempt);
  const folder = placeOf(dirname(root), control);
  return { folder, path: log.slice(dirname(log).length + 1), name, isComplete, mask };
}

function treeAt(attempt: number | null, own: string, path: string): Tree {
  const inside = attempt === null ? FOLDERS_INSIDE.checkpoints : FOLDERS_INSIDE.outputs;
  return { attempt, path: placeOf(own, path), aliases: [path, inside] };
}

/**
 * A path with the links resolved that lead to the server's own folder above it: an admin may have moved that to another disk. What is
 * below it a job may write, and no link there is followed.
 */
function placeOf(own: string, path: string): string {
  try {
    return join(realpathSync(own), relative(own, path));
  } catch (error) {
    // The disk is away: there is nothing.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return path;
    throw error;
  }
}

function notGiven(id: number): FetchmlError {
  return new FetchmlError(
    "job-not-found",
    `There are no outputs of job ${id} that you may have: outputs are for a job's owner and admins.`,
  );
}

function noSuchAttempt(id: number, name: string, attempt: number): FetchmlError {
  return new FetchmlError(
    "output-not-found",
    `Job ${id} (${name}) has no attempt ${attempt}. "ml show ${id}" shows those it has had.`,
  );
}
