// What the snapshots ask about the user who sends them.
import { FetchmlError } from "@fetchml/protocol";
import { isAdmin, type KeyHolder } from "../domain/principal.ts";
import {
  blobsHeldBy,
  blobsOfReadableJobs,
  isSnapshotHeldBy,
  noteBlobs,
  noteSnapshot,
} from "../queue/snapshots-held.ts";
import type { Sender } from "../snapshots/accept-manifest.ts";
import { nextTurn } from "../snapshots/in-turns.ts";
import type { RpcContext } from "./context.ts";

/**
 * The sender of an upload. Once its key has ended nothing is noted for it any more; what came whole before the server was told
 * to stop is.
 */
export function senderFor(ctx: RpcContext, principal: KeyHolder, signal: AbortSignal): Sender {
  const { queue } = ctx;
  const refuseWhenEnded = (): void => {
    const why: unknown = signal.reason;
    if (why instanceof FetchmlError && why.code === "shutting-down") return;
    signal.throwIfAborted();
  };
  return {
    userId: principal.userId,
    heldBlobs: async (hashes) => {
      const held = new Set<string>();
      for await (const some of inGroups(hashes)) {
        const sent = await blobsHeldBy(queue, principal, some);
        const others = some.filter((hash) => !sent.has(hash));
        for (const hash of sent) held.add(hash);
        for (const hash of await readable(ctx, principal, others)) held.add(hash);
      }
      return held;
    },
    holdsSnapshot: (snapshot) => isSnapshotHeldBy(queue, principal, snapshot),
    noteBlobs: async (hashes) => {
      for await (const some of inGroups(hashes)) {
        refuseWhenEnded();
        await noteBlobs(queue, principal, some);
      }
    },
    noteSnapshot: async (snapshot) => {
      refuseWhenEnded();
      await noteSnapshot(queue, principal, snapshot);
    },
  };
}

/** So many take 10 ms, in which nobody else is answered. */
const HASHES_A_TURN = 4000;

async function* inGroups(hashes: readonly string[]): AsyncGenerator<readonly string[], void, void> {
  for (let at = 0; at < hashes.length; at += HASHES_A_TURN) {
    if (at > 0) await nextTurn();
    yield hashes.slice(at, at + HASHES_A_TURN);
  }
}

async function readable(
  { queue, snapshots }: RpcContext,
  principal: KeyHolder,
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  if (!isAdmin(principal) || hashes.length === 0) return new Set();
  const named = await blobsOfReadableJobs(queue, principal, hashes);
  return snapshots.findNamed(named.hashes, named.snapshots);
}
