// Row beside the table: how the cost of a submit, a pick and `ml status`, and the server's memory, grow with what is stored and queued.
import { ML, openBenchBox, type BenchBox, type Person } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { submission, submitFrames } from "./no-op-job.ts";
import { pickCost } from "./pick-cost.ts";
import { openRawSocket } from "./raw-socket.ts";
import { runJob, submit } from "./run-job.ts";
import type { Bench, Measure, Row } from "./row.ts";
import { medianOfRuns } from "./whole-process.ts";

/** The growth curves. */
export const growth: Row = {
  name: "growth",
  title: "growth: 0 to 1,000,000 jobs stored, and queued",
  isWide: true,
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
  const isEnded = series === "ended";
  if (!isEnded) await box.admin(["drain"]);
  const model = isEnded ? await runJob(box.url, person.apiKey) : await queueOne(box, person);
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

/** Queues a job on a drained server; answers its id. */
export async function queueOne(box: BenchBox, { apiKey }: Person): Promise<number> {
  const socket = await openRawSocket(box.url, apiKey);
  const id = await submit(socket, submission(["true"]));
  socket.close();
  return id;
}

interface Stage {
  readonly box: BenchBox;
  readonly person: Person;
  readonly series: string;
  readonly size: number;
}

async function measureAt(bench: Bench, { box, person, series, size }: Stage): Promise<void> {
  const record = (
    { plot, what, unit }: { readonly plot: string; what: string; unit: Measure["unit"] },
    value: number,
  ): void => {
    const curve = {
      plot,
      title: `${what}, by jobs in the store`,
      xLabel: "jobs in the store",
      yLabel: unit,
      series,
    };
    const measure = { who: `${size.toLocaleString("en")} ${series}`, what, unit };
    bench.record(measure, value, { curve, x: size });
  };
  const where = { env: { ...person.env, ML_API_URL: box.url }, cwd: person.work };
  const socket = await openRawSocket(box.url, person.apiKey);
  const count = bench.isQuick ? 100 : 2000;
  for (let round = 0; round < bench.rounds; round++) {
    const status = await medianOfRuns([ML, "status"], where, bench.isQuick ? 2 : 15);
    record({ plot: "status", what: "`ml status`, whole process", unit: "ms" }, status);
    const begunAt = performance.now();
    await socket.pump(submitFrames(count), 1000);
    const perSubmit = ((performance.now() - begunAt) * 1000) / count;
    record(
      { plot: "submit", what: "a durable submit, of 2,000 on one connection", unit: "µs" },
      perSubmit,
    );
    record({ plot: "memory", what: "resident memory of the server", unit: "MB" }, box.residentMb);
    const { wallMs, serverMs } = await pickCost(box, socket, bench.isQuick ? 300 : 1200);
    record({ plot: "pick", what: "a job that does nothing, from pick to end", unit: "ms" }, wallMs);
    record(
      { plot: "pick-server", what: "the server's processor time for such a job", unit: "ms" },
      serverMs,
    );
  }
  socket.close();
}
