// Removes folders of attempts and checkpoints of which no job knows, as after a backup was restored.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { UPLOAD_GRACE_MS } from "../domain/retention-rules.ts";
import { STRAY_NAME } from "../domain/stray-name.ts";
import type { Pass, RetentionContext } from "./context.ts";
import { foldersOfNobody, jobFoldersAmong } from "./job-folders-here.ts";
import { sum } from "./measure-kept.ts";
import type { Trash } from "./trash.ts";
import { measureTrees } from "./tree-tools.ts";

const FOLDERS_A_TURN = 500;

/**
 * Removes what nobody has touched for a day and no job can mean, and what was set aside as such. What is not named like an attempt
 * or a job is left alone.
 */
export async function collectStrays(ctx: RetentionContext, pass: Pass): Promise<void> {
  for (const place of ["attempts", "checkpoints"] as const) await collectIn(ctx, pass, place);
}

async function collectIn(
  ctx: RetentionContext,
  pass: Pass,
  place: "attempts" | "checkpoints",
): Promise<void> {
  const root = ctx[place];
  const names = await readdir(root).catch(() => []);
  const remove = (strays: readonly string[]): Promise<void> =>
    removeOld(
      pass,
      ctx.trash[place],
      strays.map((name) => join(root, name)),
    );
  await remove(names.filter((name) => STRAY_NAME.test(name)));
  const folders = jobFoldersAmong(names, place);
  for (let at = 0; at < folders.length; at += FOLDERS_A_TURN) {
    pass.signal.throwIfAborted();
    const some = folders.slice(at, at + FOLDERS_A_TURN);
    const unknown = await ctx.db.read(() => foldersOfNobody(ctx.db, some));
    await remove(unknown.map(({ name }) => name));
  }
}

async function removeOld(pass: Pass, trash: Trash, paths: readonly string[]): Promise<void> {
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
