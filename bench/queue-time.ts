// Row: how long a person waits for `ml queue` in a project that has not changed.
import { ML, openBenchBox } from "./bench-box.ts";
import { FLOOR, openFloor } from "./floor-box.ts";
import { withEachPeer } from "./peers/all.ts";
import type { Row } from "./row.ts";
import { timed } from "./timed.ts";
import { writeProject } from "./transfer-trees.ts";
import { medianOfRuns } from "./whole-process.ts";

/** `ml queue`, whole process. */
export const queueTime: Row = {
  name: "queue-time",
  title: "`ml queue`, whole process, unchanged 1,000-file project",
  async measure(bench) {
    const times = bench.isQuick ? 3 : 40;
    const project = `${bench.folder}/project`;
    const files = bench.isQuick ? 50 : 1000;
    writeProject(project, { name: "project", files, meanBytes: 4000 });
    const box = await openBenchBox(`${bench.folder}/box`);
    const floor = await openFloor(`${bench.folder}/floor`);
    try {
      const person = await box.addPerson();
      const where = { env: person.env, cwd: project };
      const queue = [ML, "queue", "measured", "--hold", "--", "true"];
      // The first sends the files; the next finds that what it has just seen is old enough to be trusted.
      await timed(queue, where);
      await Bun.sleep(bench.isQuick ? 0 : 2500);
      await timed(queue, where);
      const ask = [FLOOR, "ask", floor.url, JSON.stringify({ store: 1500 }), project];
      for (let round = 0; round < bench.rounds; round++) {
        bench.record(
          { who: "FetchML", what: "ml queue", unit: "ms", goal: { atMost: 10 } },
          await medianOfRuns(queue, where, times),
        );
        bench.record(
          {
            who: "floor",
            what: "ml queue",
            unit: "ms",
            note: "looks at each file, then one durable round trip",
          },
          await medianOfRuns(ask, where, times),
        );
      }
    } finally {
      await floor.close();
      await box.close();
    }
    await withEachPeer(bench, async (peer) => {
      const where = { env: peer.env, cwd: bench.folder };
      for (let round = 0; round < bench.rounds; round++) {
        bench.record(
          { who: peer.name, what: "ml queue", unit: "ms", note: "sends no project" },
          await medianOfRuns(peer.submit(["true"]), where, bench.isQuick ? 2 : 8),
        );
      }
    });
  },
};
