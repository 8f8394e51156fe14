// Gives up one part of some ended jobs, or finds out what that would free.
import type { JobPart } from "../domain/retention-rules.ts";
import {
  FIRST_END,
  keptParts,
  markPartRemoved,
  removalTimes,
  type EndPlace,
  type KeptPart,
} from "../store/job-files.ts";
import { partKey, type Pass, type RetentionContext } from "./context.ts";
import { attemptRoots, partPaths } from "./part-paths.ts";
import { measureTrees } from "./tree-tools.ts";

/** Jobs in one transaction: 5 ms. */
const JOBS_A_TURN = 50;

/** Unpinned jobs that still have the part, in groups, those that ended first in front. */
export async function* keptInGroups(
  { db }: RetentionContext,
  part: JobPart,
  ended: { readonly from: EndPlace | null; readonly before: number },
): AsyncGenerator<readonly KeptPart[], void, undefined> {
  let after = ended.from ?? FIRST_END;
  for (;;) {
    const query = { endedBefore: ended.before, after, limit: JOBS_A_TURN };
    const group = await db.read(() => keptParts(db, part, query));
    const last = group.at(-1);
    if (last === undefined) return;
    yield group;
    after = last;
  }
}

/**
 * Gives up the part of these jobs; one that was pinned meanwhile is left alone. In a dry run it only measures.
 * @throws what the signal was aborted with
 */
export async function giveUpParts(
  ctx: RetentionContext,
  pass: Pass,
  what: { readonly part: JobPart; readonly jobs: readonly KeptPart[] },
): Promise<void> {
  pass.signal.throwIfAborted();
  if (pass.dryRun) return measureParts(ctx, pass, what);
  const { part, jobs } = what;
  const given = await Promise.allSettled(jobs.map((job) => giveUpPart(ctx, pass, { part, job })));
  for (const [index, one] of given.entries()) {
    if (one.status === "fulfilled") continue;
    pass.tally.complain(`${part} of job ${jobs[index]?.job_id ?? "?"}: ${reasonOf(one.reason)}`);
  }
}

/**
 * Marked and moved in one turn, so that nobody can pin the job between the two. Where the mark is not committed, the next
 * collection finds nothing to move and marks it.
 */
function giveUpPart(
  { db, dataDir, trash }: RetentionContext,
  { now, tally }: Pass,
  { part, job }: { readonly part: JobPart; readonly job: KeptPart },
): Promise<void> {
  return db.write(() => {
    if (!markPartRemoved(db, job.job_id, { part, at: now })) return;
    const bin = part === "checkpoints" ? trash.checkpoints : trash.attempts;
    const taken = partPaths(dataDir, job, part).map((path) => bin.take(path, part));
    const removed = removalTimes(db, job.job_id);
    if (removed.work !== null && removed.outputs !== null && removed.log !== null) {
      taken.push(...attemptRoots(dataDir, job).map((root) => trash.attempts.take(root, part)));
    }
    if (taken.includes(true)) tally.count(part, 1);
  });
}

async function measureParts(
  { dataDir }: RetentionContext,
  { signal, tally, givenUpParts }: Pass,
  { part, jobs }: { readonly part: JobPart; readonly jobs: readonly KeptPart[] },
): Promise<void> {
  const paths = jobs.map((job) => partPaths(dataDir, job, part));
  const sizes = await measureTrees(paths.flat(), signal);
  for (const { job_id } of jobs) givenUpParts.add(partKey(part, job_id));
  for (const some of paths) {
    const found = some.flatMap((path) => sizes.get(path) ?? []);
    if (found.length > 0) tally.count(part, 1);
    tally.weigh(
      part,
      found.reduce((sum, bytes) => sum + bytes, 0),
    );
  }
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
}
