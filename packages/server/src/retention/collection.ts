// One collection, from the first look to the emptied trash.
import type { GcReport } from "@fetchml/protocol";
import {
  SHORT_UPLOAD_GRACE_MS,
  UPLOAD_GRACE_MS,
  uploadGraceMs,
} from "../domain/retention-rules.ts";
import { collectBlobs } from "./collect-blobs.ts";
import { collectByAge } from "./collect-by-age.ts";
import { collectBySize } from "./collect-by-size.ts";
import { collectCode } from "./collect-code.ts";
import { collectSetups } from "./collect-setups.ts";
import { collectStrays } from "./collect-strays.ts";
import { collectUploads } from "./collect-uploads.ts";
import { collectWhenShort } from "./collect-when-short.ts";
import { roomByThen, type Pass, type RetentionContext } from "./context.ts";
import { emptyTrash } from "./empty-trash.ts";
import { reasonOf } from "./give-up-parts.ts";

/**
 * Removes what the rules give up and what nobody needs, or in a dry run finds out what that is. A step that fails is noted, and
 * the others are done all the same. Work is done in pieces of a few milliseconds. Whatever dies in the middle, the next
 * collection goes on.
 *
 * @throws what the signal was aborted with
 */
export async function collect(ctx: RetentionContext, pass: Pass): Promise<GcReport> {
  ctx.inUse.forgetOld();
  // What lies in the trash takes room, and whether room is short decides what else must go.
  await step(pass, "trash", () => emptyTrash(ctx, pass));
  await step(pass, "age", () => collectByAge(ctx, pass));
  await step(pass, "trash", () => emptyTrash(ctx, pass));
  await step(pass, "room", () => collectWhenShort(ctx, pass));
  await step(pass, "setups", () => collectSetups(ctx, pass));
  await step(pass, "size", () => collectBySize(ctx, pass));
  await step(pass, "strays", () => collectStrays(ctx, pass));
  await step(pass, "trash", () => emptyTrash(ctx, pass));
  let graceMs = UPLOAD_GRACE_MS;
  await step(pass, "room", async () => {
    graceMs = uploadGraceMs(roomByThen(ctx, pass), ctx.largestUploadBytes);
    if (graceMs === SHORT_UPLOAD_GRACE_MS) ctx.inUse.forgetOld(graceMs);
  });
  pass.tally.keepYounger(graceMs);
  const sentBefore = pass.now - graceMs;
  await step(pass, "code", () => collectCode(ctx, pass, sentBefore));
  await step(pass, "blobs", () => collectBlobs(ctx, pass, sentBefore));
  await step(pass, "uploads", () => collectUploads(ctx, pass, sentBefore));
  await step(pass, "trash", () => emptyTrash(ctx, pass));
  pass.tally.end(ctx.clock.now());
  return pass.tally.report();
}

async function step(pass: Pass, name: string, work: () => Promise<void>): Promise<void> {
  pass.signal.throwIfAborted();
  try {
    await work();
  } catch (error) {
    pass.signal.throwIfAborted();
    pass.tally.complain(`${name}: ${reasonOf(error)}`);
  }
}
