// Removes large blobs of which only a part has arrived and nobody has gone on with.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { UPLOAD_GRACE_MS } from "../domain/retention-rules.ts";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { Pass, RetentionContext } from "./context.ts";
import { sum } from "./measure-kept.ts";
import { measureTrees } from "./tree-tools.ts";

/**
 * Removes begun blobs that were not written to for a day: a silent sender is cut off long before. Everything else that is
 * unfinished belongs to this process, or was removed when it opened the snapshots.
 */
export async function collectUploads(ctx: RetentionContext, pass: Pass): Promise<void> {
  const { begun } = snapshotFolder(ctx.snapshots);
  const old: string[] = [];
  for (const user of await namesIn(begun)) {
    const folder = join(begun, user);
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      const found = await lstat(path).catch(() => null);
      if (found !== null && found.mtimeMs < pass.now - UPLOAD_GRACE_MS) old.push(path);
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
