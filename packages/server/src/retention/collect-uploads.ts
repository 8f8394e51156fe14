// Removes large blobs of which only a part has arrived and nobody has gone on with.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { Pass, RetentionContext } from "./context.ts";
import { sum } from "./measure-kept.ts";
import { measureTrees } from "./tree-tools.ts";

/**
 * Removes begun blobs that were not written to since a time: a silent sender is cut off long before. One that is under way all the
 * same is told so at its end, and begins anew. Everything else that is unfinished belongs to this process, or was removed when it
 * opened the snapshots.
 *
 * @param sentBefore epoch milliseconds
 */
export async function collectUploads(
  ctx: RetentionContext,
  pass: Pass,
  sentBefore: number,
): Promise<void> {
  const { begun } = snapshotFolder(ctx.snapshots);
  const old: string[] = [];
  for (const user of await namesIn(begun)) {
    const folder = join(begun, user);
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      const found = await lstat(path).catch(() => null);
      if (found === null) continue;
      if (found.mtimeMs < sentBefore) old.push(path);
      else pass.tally.keep("uploads", { count: 1, bytes: found.blocks * 512 });
    }
  }
  if (old.length === 0) return;
  pass.tally.count("uploads", old.length);
  if (pass.dryRun) {
    pass.tally.weigh("uploads", sum((await measureTrees(old, pass.signal)).values()));
    return;
  }
  for (const path of old) ctx.trash.snapshots.take(path, "uploads");
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
