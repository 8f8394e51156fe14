// Gives up working folders early while the disk has less room than is to be kept free.
import { isShortIn } from "../domain/disk-room.ts";
import { roomByThen, type Pass, type RetentionContext } from "./context.ts";
import { emptyTrash } from "./empty-trash.ts";
import { giveUpParts, keptInGroups } from "./give-up-parts.ts";

/**
 * While room is short, working folders of ended jobs go before their time, the oldest first: nobody can reach them from
 * outside. Results are never given up for that, since it may be somebody else who fills the disk.
 */
export async function collectWhenShort(ctx: RetentionContext, pass: Pass): Promise<void> {
  const isShort = (): boolean => isShortIn(roomByThen(ctx, pass));
  if (!isShort()) return;
  const keepMs = ctx.rules.keepMs.work;
  // What is older than that was given up by age.
  const from = keepMs === null ? null : { ended_at: pass.now - keepMs, job_id: 0 };
  for await (const jobs of keptInGroups(ctx, "work", { from, before: pass.now })) {
    await giveUpParts(ctx, pass, { part: "work", jobs });
    await emptyTrash(ctx, pass);
    if (!isShort()) return;
  }
}
