// Row: how soon a server with a million jobs takes requests again.
import { openBenchBox } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { openFloor } from "./floor-box.ts";
import { openRawSocket } from "./raw-socket.ts";
import { runJob } from "./run-job.ts";
import type { Row } from "./row.ts";

/** From the start of the process to the first answer. */
export const restartTime: Row = {
  name: "restart-time",
  title: "restart with 1,000,000 jobs stored",
  async measure(bench) {
    const stored = bench.isQuick ? 1000 : 1_000_000;
    const box = await openBenchBox(`${bench.folder}/box`);
    try {
      const { apiKey } = await box.addPerson();
      const id = await runJob(box.url, apiKey);
      await box.stop();
      cloneJobs(box.dataDir, id, stored - 1);
      for (let round = 0; round < bench.rounds; round++) {
        const begunAt = performance.now();
        await box.start();
        const socket = await openRawSocket(box.url, apiKey);
        await socket.call("server.status", {});
        bench.record(
          { who: "FetchML", what: "start to first answer", unit: "s", goal: { atMost: 1 } },
          (performance.now() - begunAt) / 1000,
        );
        socket.close();
        await box.stop();
        const floorBegunAt = performance.now();
        const floor = await openFloor(`${bench.folder}/floor`);
        const floorSocket = await floor.socket();
        await floorSocket.ask('{"answer":100}');
        bench.record(
          { who: "floor", what: "start to first answer", unit: "s", note: "with no jobs stored" },
          (performance.now() - floorBegunAt) / 1000,
        );
        floorSocket.close();
        await floor.close();
      }
      await box.start();
    } finally {
      await box.close();
    }
    for (const who of ["task-spooler", "Slurm", "pueue", "gflow", "jobd"]) {
      bench.miss({ who, reason: "a million jobs do not get into it in the time there is" });
    }
  },
};
