// Which snapshots and blobs a user has sent, as the queue needs it.
import type { Principal } from "../domain/principal.ts";
import { FetchmlError } from "@fetchml/protocol";
import { heldBlobs, recordBlobs, recordSnapshot } from "../store/snapshot-holders.ts";
import type { QueueContext } from "./context.ts";

/** Of these blobs, those this user has sent. */
export function blobsHeldBy(
  ctx: QueueContext,
  principal: Principal,
  hashes: readonly string[],
): Promise<Set<string>> {
  return ctx.db.read(() => heldBlobs(ctx.db, userIdOf(principal), hashes));
}

/** Records that this user has sent these blobs; resolves when that is durable. */
export function noteBlobs(
  ctx: QueueContext,
  principal: Principal,
  hashes: readonly string[],
): Promise<void> {
  return ctx.db.write(() => recordBlobs(ctx.db, userIdOf(principal), hashes));
}

/** Records that this user has sent a whole snapshot; resolves when that is durable. */
export function noteSnapshot(
  ctx: QueueContext,
  principal: Principal,
  snapshot: { readonly id: string; readonly file_count: number; readonly size_bytes: number },
): Promise<void> {
  return ctx.db.write(() =>
    recordSnapshot(ctx.db, userIdOf(principal), { ...snapshot, created_at: ctx.clock.now() }),
  );
}

function userIdOf(principal: Principal): number {
  if (principal.kind === "key") return principal.userId;
  throw new FetchmlError(
    "not-allowed",
    "The box's own admin has no jobs: send files as a user, with that user's key.",
  );
}
