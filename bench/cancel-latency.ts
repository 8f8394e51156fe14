// Row: how long a job's process lives after somebody has cancelled the job.
import { readdirSync, readFileSync } from "node:fs";
import { ML, openBenchBox, SLOTS } from "./bench-box.ts";
import { openFloor } from "./floor-box.ts";
import { submission } from "./no-op-job.ts";
import { withEachPeer } from "./peers/all.ts";
import type { RunningPeer } from "./peers/peer.ts";
import { openRawSocket } from "./raw-socket.ts";
import { submit } from "./run-job.ts";
import type { Bench, Measure, Row } from "./row.ts";
import { median } from "./statistics.ts";
import { timed } from "./timed.ts";

/** Cancel to the end of the process. */
export const cancelLatency: Row = {
  name: "cancel-latency",
  title: "cancel of a running job → process gone",
  async measure(bench) {
    const times = bench.isQuick ? 2 : 30;
    await measureFloor(bench, times);
    await measureBox(bench, times);
    await withEachPeer(bench, (peer) => measurePeer(bench, peer));
  },
};

async function measurePeer(bench: Bench, peer: RunningPeer): Promise<void> {
  const where = { env: peer.env, cwd: bench.folder };
  // Some take seconds to start a job: as many start at once as run at once.
  const running: { readonly id: string; readonly pid: number }[] = [];
  const start = async (): Promise<void> => {
    const marks = Array.from({ length: bench.isQuick ? 1 : SLOTS }, freshMark);
    const ids: string[] = [];
    for (const mark of marks) {
      ids.push(peer.idIn((await timed(peer.submit(["sleep", mark]), where)).stdout));
    }
    for (const [index, mark] of marks.entries()) {
      running.push({ id: ids[index] ?? "", pid: await pidOf(mark) });
    }
  };
  const measure = { who: peer.name, what: "cancel command to process gone", unit: "ms" } as const;
  await recordRounds({ bench, measure, times: bench.isQuick ? 1 : 4 }, async () => {
    if (running.length === 0) await start();
    const { id, pid } = running.shift() ?? { id: "", pid: 0 };
    const begunAt = performance.now();
    const ended = timed(peer.cancel(id), where).catch(() => undefined);
    const end = await gone(pid);
    await ended;
    return end - begunAt;
  });
}

async function measureBox(bench: Bench, times: number): Promise<void> {
  const box = await openBenchBox(`${bench.folder}/box`);
  try {
    const { apiKey, env, work } = await box.addPerson();
    const socket = await openRawSocket(box.url, apiKey);
    const start = async (): Promise<{ readonly id: number; readonly pid: number }> => {
      const mark = freshMark();
      const id = await submit(socket, submission(["sleep", mark]));
      return { id, pid: await pidOf(mark) };
    };
    const goal = { atMost: 10 };
    const names = ["cancel call to process gone", "cancel command to process gone"] as const;
    const [callName, commandName] = names;
    const call: Measure = { who: "FetchML", what: callName, unit: "ms", goal, beside: names };
    await recordRounds({ bench, measure: call, times }, async () => {
      const { id, pid } = await start();
      const begunAt = performance.now();
      const answer = socket.call("job.cancel", { jobs: [String(id)] });
      const end = await gone(pid);
      await answer;
      return end - begunAt;
    });
    const command: Measure = { ...call, what: commandName };
    await recordRounds({ bench, measure: command, times }, async () => {
      const { id, pid } = await start();
      const begunAt = performance.now();
      const ended = timed([ML, "cancel", String(id)], { env, cwd: work });
      const end = await gone(pid);
      await ended;
      return end - begunAt;
    });
    socket.close();
  } finally {
    await box.close();
  }
}

async function measureFloor(bench: Bench, times: number): Promise<void> {
  const floor = await openFloor(`${bench.folder}/floor`);
  try {
    const socket = await floor.socket();
    const measure: Measure = { who: "floor", what: "cancel call to process gone", unit: "ms" };
    await recordRounds({ bench, measure, times }, async () => {
      const pid = Number(await socket.ask(JSON.stringify({ spawn: ["sleep", freshMark()] })));
      const begunAt = performance.now();
      void socket.ask(JSON.stringify({ kill: pid }));
      return (await gone(pid)) - begunAt;
    });
    socket.close();
  } finally {
    await floor.close();
  }
}

async function recordRounds(
  { bench, measure, times }: { bench: Bench; measure: Measure; times: number },
  once: () => Promise<number>,
): Promise<void> {
  for (let round = 0; round < bench.rounds; round++) {
    const taken: number[] = [];
    const deadline = performance.now() + ENOUGH_MS;
    for (let time = 0; time < times && (time < 2 || performance.now() < deadline); time++) {
      taken.push(await once());
    }
    bench.record(measure, median(taken));
  }
}

/** After which a slow one has run often enough, if twice. */
const ENOUGH_MS = 3000;

let marks = 0;

/** A time to sleep that no other process sleeps, so that its process is found from outside any sandbox. */
function freshMark(): string {
  return `1000.${process.pid}${String((marks += 1)).padStart(4, "0")}`;
}

/** The process that sleeps for that mark. @throws Error after 30 s */
async function pidOf(mark: string): Promise<number> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const found = readdirSync("/proc").find((name) => /^\d/.test(name) && sleepsFor(name, mark));
    if (found !== undefined) return Number(found);
    await Bun.sleep(5);
  }
  throw new Error("the job did not start within 30 s");
}

function sleepsFor(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${mark}\0`;
  } catch {
    return false;
  }
}

/** When the process was gone, or a zombie; looks every tenth of a millisecond. @throws Error after 30 s */
async function gone(pid: number): Promise<number> {
  const deadline = performance.now() + 30_000;
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} lives on`);
    // Others need the CPU: this machine may have two.
    await Bun.sleep(0.1);
  }
  return performance.now();
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
