// Which snapshots and blobs a user has sent, as the queue needs it.
import { isAdmin, type Principal } from "../domain/principal.ts";
import { FetchmlError } from "@fetchml/protocol";
import {
  blobsOfOthers,
  heldBlobs,
  holdsSnapshot,
  recordBlobs,
  recordSnapshot,
  snapshotsOfNewestJobs,
} from "../store/snapshot-holders.ts";
import type { QueueContext } from "./context.ts";

/** Of these blobs, those this user has sent. */
export function blobsHeldBy(
  ctx: QueueContext,
  principal: Principal,
  hashes: readonly string[],
): Promise<Set<string>> {
  return ctx.db.read(() => heldBlobs(ctx.db, userIdOf(principal), hashes));
}

/** Whether this user has sent the snapshot, and it is kept. */
export function isSnapshotHeldBy(
  ctx: QueueContext,
  principal: Principal,
  snapshot: string,
): Promise<boolean> {
  return ctx.db.read(() => holdsSnapshot(ctx.db, userIdOf(principal), snapshot));
}

/** Blobs that jobs of others may hold, and the snapshots of those jobs, newest first. */
export interface ReadableBlobs {
  readonly hashes: ReadonlySet<string>;
  readonly snapshots: readonly string[];
}

/**
 * Where to look whether the caller may read these blobs through a job. Members may read their own jobs only, whose blobs they
 * have sent; so for them there is nothing. An admin may read everyone's: of each user who has sent one of them the newest jobs
 * are named. What only older ones hold is sent again.
 */
export function blobsOfReadableJobs(
  { db }: QueueContext,
  principal: Principal,
  hashes: readonly string[],
): Promise<ReadableBlobs> {
  return db.read(() => {
    const rows = isAdmin(principal) ? blobsOfOthers(db, userIdOf(principal), hashes) : [];
    const users = new Set(rows.map((row) => row.user_id));
    const snapshots = [...users].flatMap((id) => snapshotsOfNewestJobs(db, id, NEWEST_JOBS));
    return { hashes: new Set(rows.map((row) => row.hash)), snapshots: [...new Set(snapshots)] };
  });
}

/** Each names a list of files that has to be read. */
const NEWEST_JOBS = 50;

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
