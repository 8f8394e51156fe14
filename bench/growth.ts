// Row beside the table: how the cost of a submit, a pick and `ml status`, and the server's memory, grow with what is stored and queued.
import { ML, openBenchBox, type BenchBox, type Person } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { submission, submitFrames } from "./no-op-job.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import { runJob, submit } from "./run-job.ts";
import type { Bench, Point, Row } from "./row.ts";
import { medianOfRuns } from "./whole-process.ts";

/** The four growth curves. */
export const growth: Row = {
  name: "growth",
  title: "growth: 0 to 1,000,000 jobs stored, and queued",
  async measure(bench) {
    const sizes = bench.isQuick ? [0, 500] : [0, 10_000, 100_000, 1_000_000];
    for (const series of ["ended", "queued"] as const) {
      const box = await openBenchBox(`${bench.folder}/${series}`, { sandbox: "none" });
      try {
        await grow(bench, { box, series, sizes });
      } finally {
        await box.close();
      }
    }
  },
};

async function grow(
  bench: Bench,
  {
    box,
    series,
    sizes,
  }: {
    readonly box: BenchBox;
    readonly series: "ended" | "queued";
    readonly sizes: readonly number[];
  },
): Promise<void> {
  const person = await box.addPerson();
  const model =
    series === "ended" ? await runJob(box.url, person.apiKey) : await queueOne(box, person);
  let have = 0;
  for (const size of sizes) {
    await box.stop();
    if (size > have) cloneJobs(box.dataDir, model, size - have);
    have = size;
    await box.start();
    await box.admin(["drain"]);
    await measureAt(bench, { box, person, series, size });
  }
}

interface Stage {
  readonly box: BenchBox;
  readonly person: Person;
  readonly series: string;
  readonly size: number;
}

async function queueOne(box: BenchBox, { apiKey }: Person): Promise<number> {
  await box.admin(["drain"]);
  const socket = await openRawSocket(box.url, apiKey);
  const id = await submit(socket, submission(["true"]));
  socket.close();
  return id;
}

async function measureAt(bench: Bench, { box, person, series, size }: Stage): Promise<void> {
  const draw = (plot: string, yLabel: string, point: Point): void => {
    const title = `${yLabel}, by jobs in the store`;
    bench.plot({ plot, title, xLabel: "jobs", yLabel, series }, point);
    const of = `${size.toLocaleString("en")} ${series}`;
    bench.say(`  ${of}: ${yLabel} ${point.y.toPrecision(4)}`);
  };
  const where = { env: { ...person.env, ML_API_URL: box.url }, cwd: person.work };
  const socket = await openRawSocket(box.url, person.apiKey);
  const status = await medianOfRuns([ML, "status"], where, bench.isQuick ? 2 : 20);
  draw("status", "ml status, ms", { x: size, y: status });
  const count = bench.isQuick ? 100 : 5000;
  const begunAt = performance.now();
  await socket.pump(submitFrames(count), 1000);
  const perSubmit = ((performance.now() - begunAt) * 1000) / count;
  draw("submit", "cost of a submit, µs", { x: size, y: perSubmit });
  draw("memory", "server's memory, MB", { x: size, y: box.residentMb });
  const picked = await runFor(box, socket, bench.isQuick ? 300 : 2000);
  draw("pick", "cost of a job from pick to end, ms", { x: size, y: picked });
  socket.close();
}

/** Lets the queue run for so long; milliseconds a job. */
async function runFor(box: BenchBox, socket: RawSocket, forMs: number): Promise<number> {
  const before = await queued(socket);
  const begunAt = performance.now();
  await box.admin(["resume"]);
  await Bun.sleep(forMs);
  const done = before - (await queued(socket));
  const taken = performance.now() - begunAt;
  await box.admin(["drain"]);
  return taken / Math.max(1, done);
}

async function queued(socket: RawSocket): Promise<number> {
  const text = JSON.stringify(await socket.call("server.status", {}));
  return Number(/"counts":\{"queued":(\d+)/.exec(text)?.[1]);
}
