// All peers, and how a row gets those that are here.
import { join } from "node:path";
import type { Bench } from "../row.ts";
import { gflow } from "./gflow.ts";
import { jobd } from "./jobd.ts";
import type { Peer, RunningPeer } from "./peer.ts";
import { pueue } from "./pueue.ts";
import { slurmAsInstalled, slurmTuned } from "./slurm.ts";
import { taskSpooler } from "./task-spooler.ts";

/** In the order of the table. */
export const PEERS: readonly Peer[] = [
  taskSpooler,
  slurmAsInstalled,
  slurmTuned,
  pueue,
  gflow,
  jobd,
];

/**
 * Starts each peer in turn, does something with it and ends it, so that none disturbs another. Who cannot be started, or cannot do
 * it, is named as missing. A quick bench asks task-spooler alone, which starts at once.
 */
export async function withEachPeer(
  bench: Bench,
  work: (peer: RunningPeer) => Promise<void>,
  peers: readonly Peer[] = bench.isQuick ? [taskSpooler] : PEERS,
): Promise<void> {
  for (const peer of peers) {
    try {
      const place = join(bench.folder, `peer-${peer.name.replaceAll(/\W+/g, "-")}`);
      const running = await peer.open(place);
      try {
        await work(running);
      } finally {
        await running.close();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      bench.miss({ who: peer.name, reason: reason.split("\n")[0] ?? reason });
    }
  }
}
