// Row: how much memory the server takes.
import { openBenchBox, residentMb } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { openFloor } from "./floor-box.ts";
import { withEachPeer } from "./peers/all.ts";
import { openRawSocket } from "./raw-socket.ts";
import { runJob } from "./run-job.ts";
import type { Row } from "./row.ts";

/** Resident memory after a moment of rest. */
export const serverMemory: Row = {
  name: "server-memory",
  title: "server memory: idle / 10,000 jobs stored",
  async measure(bench) {
    const stored = bench.isQuick ? 100 : 10_000;
    const restMs = bench.isQuick ? 0 : 3000;
    for (let round = 0; round < bench.rounds; round++) {
      const box = await openBenchBox(`${bench.folder}/box-${round}`);
      try {
        const { apiKey } = await box.addPerson();
        await Bun.sleep(restMs);
        bench.record(
          { who: "FetchML", what: "idle", unit: "MB", goal: { atMost: 60 } },
          box.residentMb,
        );
        const id = await runJob(box.url, apiKey);
        await box.stop();
        cloneJobs(box.dataDir, id, stored - 1);
        await box.start();
        const socket = await openRawSocket(box.url, apiKey);
        await socket.call("server.status", {});
        await socket.call("job.list", { all: true, limit: 100 });
        socket.close();
        await Bun.sleep(restMs);
        bench.record(
          { who: "FetchML", what: "10,000 jobs stored", unit: "MB", goal: { atMost: 100 } },
          box.residentMb,
        );
      } finally {
        await box.close();
      }
      const floor = await openFloor(`${bench.folder}/floor-${round}`);
      await Bun.sleep(restMs / 3);
      bench.record({ who: "floor", what: "idle", unit: "MB" }, residentMb(floor.pid));
      await floor.close();
    }
    await withEachPeer(bench, async (peer) => {
      for (let round = 0; round < bench.rounds; round++) {
        await Bun.sleep(restMs / 6);
        bench.record(
          { who: peer.name, what: "idle", unit: "MB", note: "all of its daemons together" },
          peer.pids.reduce((sum, pid) => sum + residentMb(pid), 0),
        );
      }
    });
  },
};
