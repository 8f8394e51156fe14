// Row: how long a person waits for `ml status`.
import { openBenchBox, ML } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { FLOOR, openFloor } from "./floor-box.ts";
import { withEachPeer } from "./peers/all.ts";
import { runJob } from "./run-job.ts";
import type { Row } from "./row.ts";
import { timed } from "./timed.ts";
import { medianOfRuns } from "./whole-process.ts";

const STORED = 10_000;
/** A peer's queue is asked with these: none takes ten thousand in the time there is. */
const STORED_BY_PEERS = 20;

/** `ml status`, whole process. */
export const statusTime: Row = {
  name: "status-time",
  title: "`ml status`, whole process, loopback, 10,000 jobs stored",
  async measure(bench) {
    const times = bench.isQuick ? 3 : 40;
    const box = await openBenchBox(`${bench.folder}/box`);
    try {
      const person = await box.addPerson();
      const id = await runJob(box.url, person.apiKey);
      await box.stop();
      cloneJobs(box.dataDir, id, STORED - 1);
      await box.start();
      const where = { env: person.env, cwd: person.work };
      const { stdout } = await timed([ML, "status"], where);
      const floor = await openFloor(`${bench.folder}/floor`);
      try {
        const ask = [FLOOR, "ask", floor.url, JSON.stringify({ answer: stdout.length + 1500 })];
        for (let round = 0; round < bench.rounds; round++) {
          bench.record(
            { who: "FetchML", what: "ml status", unit: "ms", goal: { atMost: 7 } },
            await medianOfRuns([ML, "status"], where, times),
          );
          bench.record(
            { who: "floor", what: "ml status", unit: "ms", note: "one round trip, as many bytes" },
            await medianOfRuns(ask, where, times),
          );
        }
      } finally {
        await floor.close();
      }
    } finally {
      await box.close();
    }
    await withEachPeer(bench, async (peer) => {
      const where = { env: peer.env, cwd: bench.folder };
      const stored = bench.isQuick ? 1 : STORED_BY_PEERS;
      for (let job = 0; job < stored; job++) await timed(peer.submit(["true"]), where);
      for (let round = 0; round < bench.rounds; round++) {
        bench.record(
          { who: peer.name, what: "ml status", unit: "ms", note: `${STORED_BY_PEERS} jobs stored` },
          await medianOfRuns(peer.status, where, Math.min(times, 10)),
        );
      }
    });
  },
};
