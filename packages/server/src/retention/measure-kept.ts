// Finds out how much of the disk all that takes which collections are about.
import { JOB_PARTS } from "../domain/retention-rules.ts";
import { begunJobs, jobFilesAfter, notePartSize, type JobFilesRow } from "../store/job-files.ts";
import { partKey, type Pass, type RetentionContext } from "./context.ts";
import { attemptRoots, partPaths, type JobExtent } from "./part-paths.ts";
import { measureTrees } from "./tree-tools.ts";

/** Jobs that are looked at in one go. */
const JOBS_A_TURN = 500;

/**
 * Bytes of all jobs' files, of the snapshots and of the setups. What an ended job has left is measured once and noted, as it
 * does not change any more; homes of users are theirs and do not count. In a dry run it is noted in the pass only, and folders
 * that a job has locked count as empty.
 */
export async function measureKept(ctx: RetentionContext, pass: Pass): Promise<number> {
  const { signal } = pass;
  const ended = await measureEnded(ctx, pass);
  const unfinished = await ctx.db.read(() => begunJobs(ctx.db));
  const others = [ctx.snapshots, ...(ctx.setups === null ? [] : [ctx.setups.path])];
  const paths = [...unfinished.flatMap((job) => foldersOf(ctx, job)), ...others];
  return ended + sum((await measureTrees(paths, signal)).values());
}

async function measureEnded(ctx: RetentionContext, pass: Pass): Promise<number> {
  let total = 0;
  let after = 0;
  for (;;) {
    const jobs = await ctx.db.read(() => jobFilesAfter(ctx.db, after, JOBS_A_TURN));
    const last = jobs.at(-1);
    if (last === undefined) return total;
    after = last.job_id;
    pass.signal.throwIfAborted();
    total += sum(jobs.flatMap((job) => JOB_PARTS.map((part) => job[part] ?? 0)));
    total += await measureNew(ctx, jobs, pass);
  }
}

/** Measures and notes the parts that nobody has measured yet. */
async function measureNew(
  { db, dataDir }: RetentionContext,
  jobs: readonly JobFilesRow[],
  { dryRun, signal, measured: inPass }: Pass,
): Promise<number> {
  const unknown = jobs.flatMap((job) =>
    JOB_PARTS.filter((part) => job[part] === null).map((part) => ({
      job,
      part,
      paths: partPaths(dataDir, job, part),
    })),
  );
  if (unknown.length === 0) return 0;
  const sizes = await measureTrees(
    unknown.flatMap(({ paths }) => paths),
    signal,
    // Noted for good, so that a job that locks its folders would never count.
    { unlock: !dryRun },
  );
  const measured = unknown.map(({ job, part, paths }) => ({
    jobId: job.job_id,
    part,
    bytes: sum(paths.map((path) => sizes.get(path) ?? 0)),
  }));
  if (dryRun) {
    for (const { jobId, part, bytes } of measured) inPass.set(partKey(part, jobId), bytes);
  } else {
    await db.write(() => {
      for (const { jobId, part, bytes } of measured) notePartSize(db, jobId, { part, bytes });
    });
  }
  return sum(measured.map(({ bytes }) => bytes));
}

function foldersOf(ctx: RetentionContext, job: JobExtent): readonly string[] {
  return [...attemptRoots(ctx.dataDir, job), ...partPaths(ctx.dataDir, job, "checkpoints")];
}

/** All numbers together. */
export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
