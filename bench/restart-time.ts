// Row: how soon a server with a million jobs takes requests again, and peers with the jobs that they hold.
import { openBenchBox } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { openFloor } from "./floor-box.ts";
import { withEachPeer } from "./peers/all.ts";
import type { RunningPeer } from "./peers/peer.ts";
import { openRawSocket } from "./raw-socket.ts";
import { runJob } from "./run-job.ts";
import type { Bench, Measure, Row } from "./row.ts";
import { timed } from "./timed.ts";

/** How long a peer is filled by its command, with so many calls at once. */
const FILLED_MS = 5000;
const CALLERS = 4;

/** From the start of the process to the first answer. */
export const restartTime: Row = {
  name: "restart-time",
  title: "restart with 1,000,000 jobs stored",
  async measure(bench) {
    await measureBox(bench, bench.isQuick ? 1000 : 1_000_000);
    await withEachPeer(bench, (peer) => measurePeer(bench, peer));
  },
};

const MEASURE = { what: "start to first answer", unit: "s" } as const;

async function measureBox(bench: Bench, stored: number): Promise<void> {
  const box = await openBenchBox(`${bench.folder}/box`);
  try {
    const { apiKey } = await box.addPerson();
    const id = await runJob(box.url, apiKey);
    await box.stop();
    cloneJobs(box.dataDir, id, stored - 1);
    const ours: Measure = { ...MEASURE, who: "FetchML", goal: { atMost: 1 } };
    const bare: Measure = { ...MEASURE, who: "floor", note: "with no jobs stored" };
    for (let round = 0; round < bench.rounds; round++) {
      const begunAt = performance.now();
      await box.start();
      const socket = await openRawSocket(box.url, apiKey);
      await socket.call("server.status", {});
      bench.record(ours, (performance.now() - begunAt) / 1000);
      socket.close();
      await box.stop();
      const floorBegunAt = performance.now();
      const floor = await openFloor(`${bench.folder}/floor`);
      const floorSocket = await floor.socket();
      await floorSocket.ask('{"answer":100}');
      bench.record(bare, (performance.now() - floorBegunAt) / 1000);
      floorSocket.close();
      await floor.close();
    }
    await box.start();
  } finally {
    await box.close();
  }
}

async function measurePeer(bench: Bench, peer: RunningPeer): Promise<void> {
  const { restart } = peer;
  if (typeof restart === "string") throw new Error(restart);
  const where = { env: peer.env, cwd: bench.folder };
  for (let slot = 0; slot < 2; slot++) await timed(peer.submit(["sleep", "1000"]), where);
  const deadline = performance.now() + (bench.isQuick ? 100 : FILLED_MS);
  let stored = 2;
  const fill = async (): Promise<void> => {
    while (performance.now() < deadline) {
      await timed(peer.submit(["true"]), where);
      stored++;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, fill));
  const note = `${stored.toLocaleString("en")} jobs stored: what ${FILLED_MS / 1000} s of its command put in`;
  for (let round = 0; round < bench.rounds; round++) {
    bench.record({ ...MEASURE, who: peer.name, note }, (await restart()) / 1000);
  }
}
