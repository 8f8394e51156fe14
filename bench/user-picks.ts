// Part of the crowd: what picking a job costs when the queue is that of one user, of ten, of a hundred.
import { rmSync } from "node:fs";
import type { BenchBox, Person } from "./bench-box.ts";
import { cloneJobs } from "./clone-jobs.ts";
import { queueOne } from "./growth.ts";
import { pickCost } from "./pick-cost.ts";
import { openRawSocket } from "./raw-socket.ts";
import type { Bench } from "./row.ts";
import { timed } from "./timed.ts";

/** Jobs that wait, in even shares. */
const QUEUED = 100_000;

/** What the picks are measured on. */
export interface Queues {
  /** A running box, whose store is the same afterwards as before. */
  readonly box: BenchBox;
  readonly people: readonly Person[];
  /** How many of them have jobs in the queue, one number after the other. */
  readonly crowds: readonly number[];
}

/** A job from pick to end, and the server's part of it, by how many users have jobs in the queue. */
export async function measureUserPicks(
  bench: Bench,
  { box, people, crowds }: Queues,
): Promise<void> {
  const untouched = `${bench.folder}/untouched`;
  await box.stop();
  await timed(["cp", "-a", box.dataDir, untouched]);
  for (const users of crowds) {
    await box.start();
    const some = people.slice(0, users);
    await fill(box, some, bench.isQuick ? 200 : QUEUED);
    await measureAt(bench, box, some);
    await box.stop();
    rmSync(box.dataDir, { recursive: true });
    await timed(["cp", "-a", untouched, box.dataDir]);
  }
  await box.start();
}

/** Gives each user a share of the queue. */
async function fill(box: BenchBox, people: readonly Person[], jobs: number): Promise<void> {
  await box.admin(["drain"]);
  const models: number[] = [];
  for (const person of people) models.push(await queueOne(box, person));
  await box.stop();
  for (const model of models) cloneJobs(box.dataDir, model, Math.ceil(jobs / people.length) - 1);
  await box.start();
  await box.admin(["drain"]);
}

async function measureAt(bench: Bench, box: BenchBox, people: readonly Person[]): Promise<void> {
  const [first] = people;
  if (first === undefined) return;
  const socket = await openRawSocket(box.url, first.apiKey);
  const of = `${people.length} user${people.length === 1 ? "" : "s"} in the queue`;
  const curve = {
    plot: "user-picks",
    title: "a job from pick to end, by users in the queue",
    xLabel: "users with jobs in the queue",
    yLabel: "ms",
  };
  const record = (what: string, series: string, value: number): void => {
    const place = { curve: { ...curve, series }, x: people.length };
    bench.record({ who: "FetchML", what: `${what}, ${of}`, unit: "ms" }, value, place);
  };
  for (let round = 0; round < bench.rounds; round++) {
    const { wallMs, serverMs } = await pickCost(box, socket, bench.isQuick ? 300 : 1200);
    record("a job from pick to end", "all of it", wallMs);
    record("the server's processor time for it", "the server", serverMs);
  }
  socket.close();
}
