// Gives up the oldest of what ended jobs have left while all of it takes more of the disk than it may.
import { formatSize } from "@fetchml/protocol";
import { bytesOfShare, FRESH_MS, type JobPart } from "../domain/retention-rules.ts";
import { longestUnusedSnapshots } from "../store/snapshots-kept.ts";
import { giveUpCode } from "./collect-code.ts";
import { giveUpSetups } from "./collect-setups.ts";
import { partKey, roomByThen, type Pass, type RetentionContext } from "./context.ts";
import { giveUpParts, keptInGroups } from "./give-up-parts.ts";
import { measureKept } from "./measure-kept.ts";

/**
 * In this order, and of each the oldest first: working folders, setups, checkpoints, outputs, code, logs. Of jobs that ended
 * less than a day ago only working folders. Most hourly collections measure nothing: while less of the disk is taken than may be kept,
 * by whomever, nothing can be over.
 */
export async function collectBySize(ctx: RetentionContext, pass: Pass): Promise<void> {
  const { size_bytes, free_bytes } = roomByThen(ctx, pass);
  const limit = bytesOfShare(ctx.rules.keepSize, size_bytes);
  if (size_bytes - free_bytes <= limit) return;
  const kept = await measureKept(ctx, pass);
  // In a dry run what was given up before is still there.
  let over = kept - limit - (pass.dryRun ? pass.tally.bytes : 0);
  for (const what of ORDER) {
    if (over <= 0) return;
    over -= await giveUp(ctx, pass, { what, bytes: over });
  }
  if (over <= 0) return;
  pass.tally.complain(
    `what is kept takes ${formatSize(over)} more than its limit of ${formatSize(limit)}: the rest belongs to pinned or unfinished jobs, to jobs of the last day, or to uploads that no job names yet`,
  );
}

const ORDER = ["work", "setups", "checkpoints", "outputs", "code", "log"] as const;

/** Answers how many bytes that frees. */
function giveUp(
  ctx: RetentionContext,
  pass: Pass,
  { what, bytes }: { readonly what: (typeof ORDER)[number]; readonly bytes: number },
): Promise<number> {
  switch (what) {
    case "setups":
      return giveUpSetups(ctx, pass, {
        // What was unused for longer was given up by age.
        usedSince: pass.now - (ctx.rules.keepMs.setups ?? Infinity),
        usedBefore: pass.now - FRESH_MS,
        bytes,
      });
    case "code":
      return giveUpCodeOf(ctx, pass, bytes);
    case "work":
    case "checkpoints":
    case "outputs":
    case "log":
      return giveUpPartOf(ctx, pass, { part: what, bytes });
  }
}

async function giveUpPartOf(
  ctx: RetentionContext,
  pass: Pass,
  { part, bytes }: { readonly part: JobPart; readonly bytes: number },
): Promise<number> {
  const before = part === "work" ? pass.now : pass.now - FRESH_MS;
  const keepMs = ctx.rules.keepMs[part];
  // What is older than that was given up by age.
  const from = keepMs === null ? null : { ended_at: pass.now - keepMs, job_id: 0 };
  let freed = 0;
  for await (const jobs of keptInGroups(ctx, part, { from, before })) {
    for (const job of jobs) {
      if (freed >= bytes) return freed;
      // Measured a moment ago. One that takes nothing frees nothing, and in a dry run one for lack of room is still there.
      const key = partKey(part, job.job_id);
      const size = job.size_bytes ?? pass.measured.get(key) ?? 0;
      if (size === 0 || pass.givenUpParts.has(key)) continue;
      await giveUpParts(ctx, pass, { part, jobs: [job] });
      freed += size;
    }
  }
  return freed;
}

/** Answers how many bytes that frees at most: files that other snapshots have too stay. */
async function giveUpCodeOf(ctx: RetentionContext, pass: Pass, bytes: number): Promise<number> {
  const since = { endedBefore: pass.now - FRESH_MS, acceptedBefore: pass.now - FRESH_MS };
  const found = await ctx.db.read(() => longestUnusedSnapshots(ctx.db, since, MOST_SNAPSHOTS));
  let freed = 0;
  for (const snapshot of found) {
    if (freed >= bytes) break;
    await giveUpCode(ctx, pass, { since, snapshots: [snapshot] });
    freed += snapshot.size_bytes;
  }
  return freed;
}

/** The next collection goes on. */
const MOST_SNAPSHOTS = 1000;
