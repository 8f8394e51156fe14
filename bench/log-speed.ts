// Row: how long a line of a job takes to the follower's screen, and how fast much of it goes.
import { ML, openBenchBox, type BenchBox, type Person } from "./bench-box.ts";
import { FLOOR, openFloor } from "./floor-box.ts";
import { submission } from "./no-op-job.ts";
import { withEachPeer } from "./peers/all.ts";
import type { RunningPeer } from "./peers/peer.ts";
import { openRawSocket } from "./raw-socket.ts";
import { submit } from "./run-job.ts";
import type { Bench, Row } from "./row.ts";
import { median } from "./statistics.ts";
import { timed } from "./timed.ts";
import type { Surroundings } from "./whole-process.ts";

/** A line to the screen, and MB/s. Only `ml` follows over a network. */
export const logSpeed: Row = {
  name: "log-speed",
  title: "a line written by the job → on the follower's screen",
  async measure(bench) {
    const lines = bench.isQuick ? 5 : 100;
    const megabytes = bench.isQuick ? 5 : 300;
    const box = await openBenchBox(`${bench.folder}/box`);
    const floor = await openFloor(`${bench.folder}/floor`);
    try {
      const person = await box.addPerson();
      const where = { env: person.env, cwd: person.work };
      for (let round = 0; round < bench.rounds; round++) {
        const follow = await followerOf(box, person, sayTimes(lines));
        bench.record(
          { who: "FetchML", what: "line to screen", unit: "ms", goal: { atMost: 10 } },
          await lateness(follow, where),
        );
        bench.record(
          {
            who: "floor",
            what: "line to screen",
            unit: "ms",
            note: "its output through one socket",
          },
          await lateness(
            [FLOOR, "ask", floor.url, JSON.stringify({ run: sayTimes(lines) })],
            where,
          ),
        );
        const much = await followerOf(box, person, sayMuch(megabytes));
        bench.record(
          { who: "FetchML", what: "log followed", unit: "MB/s", goal: { atLeast: 200 } },
          await speed(much, where, megabytes * 1e6),
        );
        bench.record(
          { who: "floor", what: "log followed", unit: "MB/s" },
          await speed(
            [FLOOR, "ask", floor.url, JSON.stringify({ run: sayMuch(megabytes) })],
            where,
            megabytes * 1e6,
          ),
        );
      }
    } finally {
      await floor.close();
      await box.close();
    }
    await withEachPeer(bench, (peer) => measurePeer(bench, peer));
  },
};

async function measurePeer(bench: Bench, peer: RunningPeer): Promise<void> {
  const { follow, name, env, followerTakesS = 0.3 } = peer;
  if (typeof follow === "string") throw new Error(follow);
  const where = { env, cwd: bench.folder };
  const followerOfPeer = async (argv: readonly string[]): Promise<readonly string[]> =>
    follow(peer.idIn((await timed(peer.submit(argv), where)).stdout));
  const note = "on the box itself";
  const megabytes = bench.isQuick ? 5 : 100;
  for (let round = 0; round < bench.rounds; round++) {
    bench.record(
      { who: name, what: "line to screen", unit: "ms", note },
      await lateness(await followerOfPeer(sayTimes(bench.isQuick ? 5 : 50, followerTakesS)), where),
    );
    bench.record(
      { who: name, what: "log followed", unit: "MB/s", note },
      await speed(await followerOfPeer(sayMuch(megabytes, followerTakesS)), where, megabytes * 1e6),
    );
  }
}

/** The job gives its follower time to be there, of which some take much. A line that is a number alone would end jobd's. */
function sayTimes(lines: number, afterS = 0.3): readonly string[] {
  const loop = `for i in {1..${lines}}; do echo at $EPOCHREALTIME; sleep 0.01; done`;
  return ["bash", "-c", `sleep ${afterS}; ${loop}`];
}

function sayMuch(megabytes: number, afterS = 0.3): readonly string[] {
  const line = "epoch 12 step 3400 loss 0.1234 accuracy 0.9876 lr 0.0003 time 12.3 s";
  return ["bash", "-c", `sleep ${afterS}; yes '${line}' | head -c ${megabytes}000000`];
}

/** Starts a job; answers the command that follows it. */
async function followerOf(
  box: BenchBox,
  { apiKey }: Person,
  argv: readonly string[],
): Promise<readonly string[]> {
  const socket = await openRawSocket(box.url, apiKey);
  const id = await submit(socket, submission(argv));
  socket.close();
  return [ML, "logs", String(id), "--follow"];
}

/** The middle of how late lines are that tell when they were written. */
async function lateness(command: readonly string[], { env, cwd }: Surroundings): Promise<number> {
  const child = Bun.spawn([...command], {
    env,
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const late: number[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    const now = performance.timeOrigin + performance.now();
    for (const [, stamp] of decoder.decode(chunk, { stream: true }).matchAll(/(\d{10}\.\d{6})/g)) {
      late.push(now - Number(stamp) * 1000);
    }
  }
  await child.exited;
  if (late.length === 0) throw new Error(`${command.join(" ")} has shown no line`);
  return median(late);
}

/** What has not come in this time, counted from the first byte, is waited for no more. */
const ENOUGH_MS = 4000;

/** MB a second from the first byte on the screen to the last. @throws Error when less comes to the end than the job has written */
async function speed(
  command: readonly string[],
  { env, cwd }: Surroundings,
  least: number,
): Promise<number> {
  const child = Bun.spawn([...command], {
    env,
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  let first = NaN;
  let bytes = 0;
  for await (const chunk of child.stdout) {
    if (bytes === 0) first = performance.now();
    bytes += chunk.length;
    if (performance.now() > first + ENOUGH_MS) break;
  }
  const seconds = (performance.now() - first) / 1000;
  child.kill("SIGKILL");
  await child.exited;
  const isAll = bytes >= least;
  if (!isAll && seconds * 1000 < ENOUGH_MS) {
    throw new Error(`${command.join(" ")} has shown ${bytes} bytes of ${least}`);
  }
  return bytes / 1e6 / seconds;
}
