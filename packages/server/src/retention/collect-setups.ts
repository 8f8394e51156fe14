// Gives up what setups have made and nobody has used for long.
import type { Pass, RetentionContext } from "./context.ts";

/** Removes what was not used for as long as setups are kept, and what was left half made, however long that is. */
export async function collectSetups(ctx: RetentionContext, pass: Pass): Promise<void> {
  const keepMs = ctx.rules.keepMs.setups;
  const usedBefore = pass.now - (keepMs ?? Infinity);
  await giveUpSetups(ctx, pass, { usedSince: -Infinity, usedBefore, bytes: Infinity });
}

/** Removes setups that were last used between two times until so many bytes are free; answers how many are. */
export async function giveUpSetups(
  { setups }: RetentionContext,
  { dryRun, signal, tally }: Pass,
  what: { readonly usedSince: number; readonly usedBefore: number; readonly bytes: number },
): Promise<number> {
  if (setups === null) return 0;
  const { count, bytes } = await setups.collect({ ...what, dryRun, signal });
  tally.count("setups", count);
  tally.weigh("setups", bytes);
  return bytes;
}
