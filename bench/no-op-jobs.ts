// Row: how many jobs that do nothing go the whole road in a second.
import { readFileSync, existsSync } from "node:fs";
import { openBenchBox } from "./bench-box.ts";
import { openFloor } from "./floor-box.ts";
import { submitFrames } from "./no-op-job.ts";
import { withEachPeer } from "./peers/all.ts";
import type { RunningPeer } from "./peers/peer.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import type { Bench, Row } from "./row.ts";
import { untilState } from "./run-job.ts";
import { timed } from "./timed.ts";

const NOTHING_LEFT = /"counts":\{"queued":0,"running":0\}/;

/** No-op jobs, from the submit of the first to the end of the last. */
export const noOpJobs: Row = {
  name: "no-op-jobs",
  title: "no-op jobs, whole road, two slots",
  async measure(bench) {
    const count = bench.isQuick ? 10 : 300;
    const floor = await openFloor(`${bench.folder}/floor`);
    try {
      const socket = await floor.socket();
      for (let round = 0; round < bench.rounds; round++) {
        const begunAt = performance.now();
        await socket.ask(JSON.stringify({ idle: count }));
        const rate = count / ((performance.now() - begunAt) / 1000);
        bench.record(
          { who: "floor", what: "jobs", unit: "/s", note: "two spawns at a time" },
          rate,
        );
      }
      socket.close();
    } finally {
      await floor.close();
    }
    await measureBox(bench, { sandbox: "none", what: "jobs", goal: 400, count });
    await measureBox(bench, {
      sandbox: "auto",
      what: "jobs, in the default sandbox",
      goal: 200,
      count,
    });
    await withEachPeer(bench, (peer) => measurePeer(bench, peer));
  },
};

async function measureBox(
  bench: Bench,
  {
    sandbox,
    what,
    goal,
    count,
  }: { sandbox: "none" | "auto"; what: string; goal: number; count: number },
): Promise<void> {
  const box = await openBenchBox(`${bench.folder}/box-${sandbox}`, { sandbox });
  try {
    const { apiKey } = await box.addPerson();
    const socket = await openRawSocket(box.url, apiKey);
    for (let round = 0; round < bench.rounds; round++) {
      const begunAt = performance.now();
      await socket.pump(submitFrames(count), 100);
      await untilNothingLeft(socket);
      const seconds = (performance.now() - begunAt) / 1000;
      const measure = { who: "FetchML", what, unit: "/s", goal: { atLeast: goal } } as const;
      bench.record({ ...measure, beside: ["jobs"] }, count / seconds);
    }
    socket.close();
  } finally {
    await box.close();
  }
}

/** Looks at the newest job until that has ended, which costs the server next to nothing, then at the rest. */
async function untilNothingLeft(socket: RawSocket): Promise<void> {
  const newest = JSON.stringify(await socket.call("job.list", { all: true, limit: 1 }));
  const id = Number(/"id":(\d+)/.exec(newest)?.[1]);
  await untilState(socket, id, ["succeeded"]);
  while (!NOTHING_LEFT.test(JSON.stringify(await socket.call("server.status", {})))) {
    await Bun.sleep(2);
  }
}

async function measurePeer(bench: Bench, peer: RunningPeer): Promise<void> {
  const where = { env: peer.env, cwd: bench.folder };
  const count = bench.isQuick ? 3 : 6;
  for (let round = 0; round < bench.rounds; round++) {
    const file = `${bench.folder}/done-${peer.name.replaceAll(/\W/g, "")}-${round}`;
    const begunAt = performance.now();
    for (let job = 0; job < count; job++) {
      await timed(peer.submit(["sh", "-c", `echo >> ${file}`]), where);
    }
    const deadline = Date.now() + 30_000;
    while (!existsSync(file) || readFileSync(file).length < count) {
      if (Date.now() > deadline) throw new Error("its jobs did not end within 30 s");
      await Bun.sleep(5);
    }
    const seconds = (performance.now() - begunAt) / 1000;
    bench.record(
      { who: peer.name, what: "jobs", unit: "/s", note: "until the last job has begun" },
      count / seconds,
    );
  }
}
