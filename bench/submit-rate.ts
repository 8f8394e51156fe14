// Row: how many submits a second one connection gets durably answered.
import { ML, openBenchBox, type BenchBox } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { openFloor } from "./floor-box.ts";
import { submitFrames } from "./no-op-job.ts";
import { withEachPeer } from "./peers/all.ts";
import type { RunningPeer } from "./peers/peer.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import type { Bench, Row } from "./row.ts";
import { fillBox } from "./run-job.ts";
import { timed } from "./timed.ts";

/** Frames that are under way at once. */
const WINDOW = 2000;
const GOAL_PER_S = 50_000;
/** Commands that run at once. */
const CALLERS = 4;
const BY_COMMAND = `submits by its command, ${CALLERS} at a time`;
/** How long that goes on in one repetition, at most. */
const ENOUGH_MS = 3000;

/** Durable submits a second. */
export const submitRate: Row = {
  name: "submit-rate",
  title: "durable submits (fsynced before the answer), one connection",
  async measure(bench) {
    const count = bench.isQuick ? 500 : 30_000;
    const box = await openBenchBox(`${bench.folder}/box`);
    const floor = await openFloor(`${bench.folder}/floor`);
    try {
      const { apiKey, env, work } = await box.addPerson();
      const blocker = await fillBox(box.url, apiKey);
      await measureEmpty({ bench, box, floorSocket: await floor.socket() }, apiKey, count);
      const queue = [ML, "queue", "measured", "--", "true"];
      await byCommand(bench, "FetchML", () => timed(queue, { env, cwd: work }));
      await box.stop();
      const many = bench.isQuick ? 2000 : 1_000_000;
      cloneJobs(box.dataDir, blocker + 1, many);
      await box.start();
      const socket = await openRawSocket(box.url, apiKey);
      for (let round = 0; round < bench.rounds; round++) {
        bench.record(
          {
            who: "FetchML",
            what: `submits with ${many.toLocaleString("en")} queued`,
            unit: "/s",
            goal: { atLeast: 0.8 * GOAL_PER_S },
            beside: ["submits", BY_COMMAND],
          },
          await rateOf(socket, submitFrames(count), count),
        );
      }
      socket.close();
    } finally {
      await floor.close();
      await box.close();
    }
    await withEachPeer(bench, (peer) => measurePeer(bench, peer));
  },
};

async function measureEmpty(
  {
    bench,
    box,
    floorSocket,
  }: { readonly bench: Bench; readonly box: BenchBox; readonly floorSocket: RawSocket },
  apiKey: string,
  count: number,
): Promise<void> {
  const socket = await openRawSocket(box.url, apiKey);
  const [frame = ""] = submitFrames(1);
  const answer = (await socket.ask(frame)).length;
  for (let round = 0; round < bench.rounds; round++) {
    bench.record(
      {
        who: "FetchML",
        what: "submits",
        unit: "/s",
        goal: { atLeast: GOAL_PER_S },
        beside: [BY_COMMAND],
      },
      await rateOf(socket, submitFrames(count), count),
    );
    bench.record(
      { who: "floor", what: "submits", unit: "/s", note: "one row, one commit a turn" },
      await rateOf(floorSocket, floorFrames(count, answer), count),
    );
  }
  socket.close();
  floorSocket.close();
}

function* floorFrames(count: number, answer: number): Generator<string> {
  for (const frame of submitFrames(count)) yield `{"store":${answer},${frame.slice(1)}`;
}

async function rateOf(socket: RawSocket, frames: Iterable<string>, count: number): Promise<number> {
  const begunAt = performance.now();
  await socket.pump(frames, WINDOW);
  const seconds = (performance.now() - begunAt) / 1000;
  return count / seconds;
}

async function measurePeer(bench: Bench, peer: RunningPeer): Promise<void> {
  const where = { env: peer.env, cwd: bench.folder };
  // Its slots are taken, as the box's are.
  for (let slot = 0; slot < 2; slot++) await timed(peer.submit(["sleep", "1000"]), where);
  await byCommand(bench, peer.name, () => timed(peer.submit(["true"]), where));
}

/** Peers take one job a command; so does `ml`, for who compares. */
async function byCommand(bench: Bench, who: string, queue: () => Promise<unknown>): Promise<void> {
  const most = bench.isQuick ? 2 : 50;
  for (let round = 0; round < bench.rounds; round++) {
    const begunAt = performance.now();
    let done = 0;
    const callers = Array.from({ length: CALLERS }, async () => {
      for (let job = 0; job < most && performance.now() < begunAt + ENOUGH_MS; job++) {
        await queue();
        done++;
      }
    });
    await Promise.all(callers);
    const seconds = (performance.now() - begunAt) / 1000;
    bench.record({ who, what: BY_COMMAND, unit: "/s" }, done / seconds);
  }
}
