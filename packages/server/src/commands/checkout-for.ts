// Lays out the code of an attempt, and mends the store when some of it is gone.
import { FetchmlError } from "@fetchml/protocol";
import type { Snapshots } from "../snapshots/snapshots.ts";
import type { Database } from "../store/database.ts";
import { forgetSnapshot } from "../store/snapshot-holders.ts";

/**
 * What the executor calls for each attempt: writes a snapshot into an empty folder; `null` leaves it empty. A snapshot of
 * which something is gone from the disk counts as sent by nobody any more, so that the next submit sends what is missing.
 */
export function checkoutFor(
  snapshots: Pick<Snapshots, "checkout">,
  db: Database,
): (snapshot: string | null, folder: string) => Promise<void> {
  return async (snapshot, folder) => {
    if (snapshot === null) return;
    try {
      await snapshots.checkout(snapshot, folder);
    } catch (error) {
      if (error instanceof FetchmlError && error.code === "snapshot-missing") {
        await db.write(() => forgetSnapshot(db, snapshot));
      }
      throw error;
    }
  };
}
