// Row: how much memory the server takes.
import { createBenchBox, residentMb, type BenchBox } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { openFloor, type FloorBox } from "./floor-box.ts";
import { withEachPeer } from "./peers/all.ts";
import { openRawSocket } from "./raw-socket.ts";
import { runJob } from "./run-job.ts";
import type { Bench, Measure, Row } from "./row.ts";

/** Resident memory after a moment of rest, which the servers of all repetitions take together. */
export const serverMemory: Row = {
  name: "server-memory",
  title: "server memory: idle / 10,000 jobs stored",
  async measure(bench) {
    const restMs = bench.isQuick ? 0 : 3000;
    const rounds = Array.from({ length: bench.rounds }, (_, round) => round);
    await measureBoxes(bench, rounds, restMs);
    await measureFloors(bench, rounds, restMs);
    await withEachPeer(bench, async (peer) => {
      for (const _ of rounds) {
        await Bun.sleep(restMs / 6);
        bench.record(
          { who: peer.name, what: "idle", unit: "MB", note: "all of its daemons together" },
          peer.pids.reduce((sum, pid) => sum + residentMb(pid), 0),
        );
      }
    });
  },
};

async function measureBoxes(
  bench: Bench,
  rounds: readonly number[],
  restMs: number,
): Promise<void> {
  const boxes = rounds.map((round) => createBenchBox(`${bench.folder}/box-${round}`));
  try {
    const keys: string[] = [];
    for (const box of boxes) {
      await box.start();
      keys.push((await box.addPerson()).apiKey);
    }
    await Bun.sleep(restMs);
    const idle: Measure = { who: "FetchML", what: "idle", unit: "MB", goal: { atMost: 60 } };
    for (const box of boxes) bench.record(idle, box.residentMb);
    for (const [round, box] of boxes.entries()) {
      await store(box, keys[round] ?? "", bench.isQuick ? 100 : 10_000);
    }
    await Bun.sleep(restMs);
    const what = "10,000 jobs stored";
    const stored: Measure = { ...idle, what, goal: { atMost: 100 }, beside: ["idle"] };
    for (const box of boxes) bench.record(stored, box.residentMb);
  } finally {
    for (const box of boxes) await box.close();
  }
}

/** Fills the store and has the server look at it. */
async function store(box: BenchBox, apiKey: string, jobs: number): Promise<void> {
  const id = await runJob(box.url, apiKey);
  await box.stop();
  cloneJobs(box.dataDir, id, jobs - 1);
  await box.start();
  const socket = await openRawSocket(box.url, apiKey);
  await socket.call("server.status", {});
  await socket.call("job.list", { all: true, limit: 100 });
  socket.close();
}

async function measureFloors(
  bench: Bench,
  rounds: readonly number[],
  restMs: number,
): Promise<void> {
  const floors: FloorBox[] = [];
  try {
    for (const round of rounds) floors.push(await openFloor(`${bench.folder}/floor-${round}`));
    await Bun.sleep(restMs / 3);
    for (const floor of floors) {
      bench.record({ who: "floor", what: "idle", unit: "MB" }, residentMb(floor.pid));
    }
  } finally {
    for (const floor of floors) await floor.close();
  }
}
