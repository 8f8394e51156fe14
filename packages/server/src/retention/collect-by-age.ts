// Gives up what ended jobs have left when its time is over.
import { JOB_PARTS } from "../domain/retention-rules.ts";
import type { Pass, RetentionContext } from "./context.ts";
import { giveUpParts, keptInGroups } from "./give-up-parts.ts";

/** Gives up every part whose job ended longer ago than that part is kept. Unfinished and pinned jobs stay whole. */
export async function collectByAge(ctx: RetentionContext, pass: Pass): Promise<void> {
  for (const part of JOB_PARTS) {
    const keepMs = ctx.rules.keepMs[part];
    if (keepMs === null) continue;
    const before = pass.now - keepMs;
    for await (const jobs of keptInGroups(ctx, part, { from: null, before })) {
      await giveUpParts(ctx, pass, { part, jobs });
    }
  }
}
