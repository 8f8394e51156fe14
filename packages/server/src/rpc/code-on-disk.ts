// Whether a job's code lies on the box, as its owner would get it back.
import { FetchmlError } from "@fetchml/protocol";
import type { RpcContext } from "./context.ts";

/** Whether all of a snapshot's files are there. @throws the system's error when that cannot be told */
export async function isCodeOnDisk(
  snapshots: Pick<RpcContext["snapshots"], "readManifest" | "sendBlobs">,
  snapshot: string,
): Promise<boolean> {
  try {
    const { entries } = await snapshots.readManifest(snapshot);
    const hashes = entries.flatMap((entry) => (entry.kind === "file" ? entry.hash : []));
    // It has looked at each before it answers; nothing of the answer is read.
    await snapshots.sendBlobs(snapshot, [...new Set(hashes)]);
    return true;
  } catch (error) {
    if (error instanceof FetchmlError && error.code === "snapshot-missing") return false;
    throw error;
  }
}
