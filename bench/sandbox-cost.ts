// Row: what each sandbox costs a job in memory, in time, and in time of the processors.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { aroundJob } from "./attempt-processes.ts";
import { openBenchBox, type BenchBox } from "./bench-box.ts";
import { submission } from "./no-op-job.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import type { Bench, Measure, Row } from "./row.ts";
import { submit, untilState } from "./run-job.ts";
import { median } from "./statistics.ts";

const SANDBOXES = ["none", "account", "bubblewrap"] as const;

const SAY_WHEN = "echo $EPOCHREALTIME";

/** Ticks of `/proc/PID/stat` in a second, on every Linux that FetchML runs on. */
const TICKS = 100;

/** Each sandbox that the machine offers; with cgroups where the bench is started in one that is its own to divide. */
export const sandboxCost: Row = {
  name: "sandbox-cost",
  title: "what each sandbox costs a job: memory, time, processor time",
  async measure(bench) {
    for (const sandbox of SANDBOXES) {
      try {
        await measureSandbox(bench, sandbox);
      } catch (error) {
        const reason = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "";
        bench.miss({ who: `FetchML with sandbox ${sandbox}`, reason });
      }
    }
  },
};

async function measureSandbox(bench: Bench, sandbox: (typeof SANDBOXES)[number]): Promise<void> {
  const box = await openBenchBox(`${bench.folder}/box-${sandbox}`, { sandbox });
  try {
    const { apiKey } = await box.addPerson();
    const socket = await openRawSocket(box.url, apiKey);
    const status = JSON.stringify(await socket.call("server.status", {}));
    const who = status.includes('"cgroups":true') ? `${sandbox} with cgroups` : sandbox;
    for (let round = 0; round < bench.rounds; round++) {
      await measureMemory({ bench, box, socket, who });
      await measureTimes({ bench, box, socket, who });
      await measureProcessors({ bench, box, socket, who });
    }
    socket.close();
  } finally {
    await box.close();
  }
}

interface Subject {
  readonly bench: Bench;
  readonly box: BenchBox;
  readonly socket: RawSocket;
  /** The sandbox, as the table names it. */
  readonly who: string;
}

/** Records under the name of the sandbox. */
function recorder({ bench, who }: Subject) {
  return (what: string, unit: Measure["unit"], value: number) =>
    bench.record({ who: "FetchML", what: `${who}: ${what}`, unit }, value);
}

async function measureMemory(subject: Subject): Promise<void> {
  const { box, socket } = subject;
  const record = recorder(subject);
  const id = await submit(socket, submission(["sleep", "100000"]));
  await untilState(socket, id, ["running"]);
  const { processes, pssMb, rssMb } = aroundJob(join(box.dataDir, `attempts/${id}.1/control`));
  await socket.call("job.cancel", { jobs: [String(id)], now: true });
  await untilState(socket, id, ["cancelled"]);
  record("processes beside the job's own", "", processes);
  if (pssMb !== null) record("their memory, each page once", "MB", pssMb);
  record("their memory, shared pages for each", "MB", rssMb);
}

/** The job is a bash that says what time it is, and its own start counts. */
async function measureTimes(subject: Subject): Promise<void> {
  const { bench, socket } = subject;
  const record = recorder(subject);
  const params = submission(["bash", "-c", SAY_WHEN]);
  const starts: number[] = [];
  const ends: number[] = [];
  for (let time = 0; time < (bench.isQuick ? 3 : 40); time++) {
    const begunAt = nowMs();
    const id = await submit(socket, params);
    await untilState(socket, id, ["succeeded"]);
    starts.push((await saidAt(socket, id)) - begunAt);
  }
  for (let time = 0; time < (bench.isQuick ? 3 : 40); time++) {
    const id = await submit(socket, params);
    // Asked again at once, so that no wait counts.
    while (UNDER_WAY.test(JSON.stringify(await socket.call("job.get", { job: String(id) }))));
    const recordedAt = nowMs();
    ends.push(recordedAt - (await saidAt(socket, id)));
  }
  record("submit to first instruction", "ms", median(starts));
  record("last instruction to recorded end", "ms", median(ends));
}

const UNDER_WAY = /"state":"(?:queued|starting|running)"/;

/** What the job has said, in milliseconds. */
async function saidAt(socket: RawSocket, id: number): Promise<number> {
  const log = JSON.stringify(await socket.call("log.read", { job: String(id) }));
  return Number(/(\d{10}\.\d+)/.exec(log)?.[1]) * 1000;
}

/** Of jobs that do nothing, one after the other. */
async function measureProcessors(subject: Subject): Promise<void> {
  const { bench, box, socket } = subject;
  const record = recorder(subject);
  const count = bench.isQuick ? 3 : 100;
  const before = ticksOf(box.pid);
  for (let time = 0; time < count; time++) {
    const id = await submit(socket, submission(["true"]));
    await untilState(socket, id, ["succeeded"]);
  }
  const after = ticksOf(box.pid);
  const each = (ticks: number) => (ticks / TICKS / count) * 1000;
  record("processor time of the server for a job", "ms", each(after.own - before.own));
  record("processor time of a job's processes", "ms", each(after.children - before.children));
}

/** What a process has used so far, and what those of its children have that have ended; see proc(5). */
function ticksOf(pid: number): { readonly own: number; readonly children: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: user + system, children: childUser + childSystem };
}

/** The wall clock, as bash tells it, in milliseconds with their fractions. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
