// Removes folders of attempts and checkpoints of which no job knows, as after a backup was restored.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { UPLOAD_GRACE_MS } from "../domain/retention-rules.ts";
import { knownJobs } from "../store/job-files.ts";
import type { Pass, RetentionContext } from "./context.ts";
import { sum } from "./measure-kept.ts";
import type { Trash } from "./trash.ts";
import { measureTrees } from "./tree-tools.ts";

const FOLDERS_A_TURN = 500;

/**
 * Removes what nobody has touched for a day and no job can mean: a later job of the same number would find it and take it
 * for its own. What is not named like an attempt or a job is left alone.
 */
export async function collectStrays(ctx: RetentionContext, pass: Pass): Promise<void> {
  const { attempts, checkpoints, trash } = ctx;
  await collectIn(ctx, pass, {
    root: attempts,
    form: /^([1-9]\d*)\.([1-9]\d*)$/,
    trash: trash.attempts,
  });
  await collectIn(ctx, pass, { root: checkpoints, form: /^([1-9]\d*)$/, trash: trash.checkpoints });
}

interface Place {
  readonly root: string;
  /** The names in question: the job's number first, then maybe the attempt's. */
  readonly form: RegExp;
  readonly trash: Trash;
}

async function collectIn(ctx: RetentionContext, pass: Pass, place: Place): Promise<void> {
  const names = await readdir(place.root).catch(() => []);
  const folders = names.flatMap((name) => {
    const [, job, attempt = "1"] = place.form.exec(name) ?? [];
    return job === undefined ? [] : [{ name, job: Number(job), attempt: Number(attempt) }];
  });
  for (let at = 0; at < folders.length; at += FOLDERS_A_TURN) {
    pass.signal.throwIfAborted();
    const some = folders.slice(at, at + FOLDERS_A_TURN);
    const known = await ctx.db.read(() =>
      knownJobs(
        ctx.db,
        some.map(({ job }) => job),
      ),
    );
    const unknown = some.filter(({ job, attempt }) => attempt > (known.get(job) ?? 0));
    await removeOld(
      pass,
      place,
      unknown.map(({ name }) => join(place.root, name)),
    );
  }
}

async function removeOld(pass: Pass, { trash }: Place, paths: readonly string[]): Promise<void> {
  const old: string[] = [];
  for (const path of paths) {
    const found = await lstat(path).catch(() => null);
    if (found !== null && found.mtimeMs < pass.now - UPLOAD_GRACE_MS) old.push(path);
  }
  if (old.length === 0) return;
  pass.tally.count("strays", old.length);
  if (pass.dryRun) pass.tally.weigh("strays", sum((await measureTrees(old, pass.signal)).values()));
  else for (const path of old) trash.take(path, "strays");
}
