// Compares what the server says after a round with what clients were told and what jobs have marked.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "@fetchml/protocol";
import type { Box, Person } from "../box.ts";
import type { Arena } from "./arena.ts";
import { databaseFaults } from "./database-faults.ts";
import { metFullDisk, type Ledger } from "./ledger.ts";
import {
  isLogComplete,
  isLogSoFar,
  marksOf,
  OUTPUT,
  wholeLog,
  wholeOutput,
  type MarkedJob,
} from "./marked-job.ts";
import { textAt } from "./reading.ts";

/** Everything that is not as it must be, a sentence each. Every job of the ledger must have ended. */
export async function judge(arena: Arena, ledger: Ledger): Promise<readonly string[]> {
  const stored = await storedJobs(arena.people);
  const faults = ledger.complaints.splice(0);
  const byName = Map.groupBy(stored, (job) => job.name);
  for (const [name, id] of ledger.acknowledged) {
    const known = byName.get(name) ?? [];
    if (known.length !== 1 || known[0]?.id !== id) {
      faults.push(
        `${name} was acknowledged as ${id}; stored: ${known.map((job) => job.id).join(", ") || "nothing"}`,
      );
    }
  }
  const fresh: Job[] = [];
  for (const job of stored) {
    const [before, now] = [ledger.judged.get(job.id), recordOf(job)];
    if (before === undefined) fresh.push(job);
    else if (before !== now) faults.push(`${job.id} was ${before} and became ${now}`);
    ledger.judged.set(job.id, now);
  }
  for (const job of fresh) {
    const marked = ledger.jobs.get(job.name);
    if (marked === undefined) faults.push(`${job.id} (${job.name}) was submitted by nobody`);
    else faults.push(...faultsOf(job, marked, { arena, ledger }));
  }
  faults.push(...(await pullFaults(fresh, arena, ledger)));
  return [...faults, ...databaseFaults(arena.box.dataDir), ...processesLeft(arena.box)];
}

async function storedJobs(people: readonly Person[]): Promise<readonly Job[]> {
  const lists = people.map(async (person) => {
    const listed = await person.ml(["list", "--all", "--limit", "100000", "--json"]);
    if (listed.code !== 0) throw new Error(listed.stderr);
    const jobs: Job[] = JSON.parse(listed.stdout);
    return jobs;
  });
  return (await Promise.all(lists)).flat();
}

function recordOf({ state, attempt, started_at, ended_at, outcome }: Job): string {
  return JSON.stringify({ state, attempt, started_at, ended_at, outcome });
}

interface Court {
  readonly arena: Arena;
  readonly ledger: Ledger;
}

function faultsOf(job: Job, marked: MarkedJob, { arena, ledger }: Court): readonly string[] {
  const faults: string[] = [];
  const told = (what: string) => void faults.push(`${job.id} (${job.name}, ${job.state}): ${what}`);
  const left = marksOf(marked, arena.marks);
  const starts = left.filter((mark) => mark.startsWith("start "));
  if (new Set(starts).size !== starts.length) told(`started more than once: ${starts.join(", ")}`);
  if (starts.length > job.attempt) told(`${starts.length} starts, ${job.attempt} attempts`);
  const mayMiss = metFullDisk(ledger, marked);
  const end = left.find((mark) => mark.startsWith(`end ${job.attempt} `));
  const log = textOf(arena.box, job, "control/log");
  const { outcome } = job;
  const isFullDisk = outcome?.kind === "disk-full" && mayMiss;
  // Its walls found no room to be set up in.
  if (isFullDisk && outcome.exit_code === NOT_BEGUN && starts.length === 0) return faults;
  if (outcome?.kind === "exited" || (isFullDisk && outcome.exit_code !== undefined)) {
    const code = outcome.exit_code;
    if (starts.length !== job.attempt) told(`${starts.length} starts, ${job.attempt} attempts`);
    if (code !== marked.exitCode) told(`exit code ${code} instead of ${marked.exitCode}`);
    if (end === undefined) told("ended without having come to its end");
    if (!isLogComplete(marked, log, mayMiss)) {
      told(`its log has ${log.length} of ${wholeLog(marked).length} bytes`);
    }
    const output = textOf(arena.box, job, `job/outputs/${OUTPUT}`);
    const isTorn = mayMiss && left.includes(`torn ${job.attempt}`);
    if (!isTorn && output !== wholeOutput(marked)) {
      told(`its output has ${output.length} of ${wholeOutput(marked).length} bytes`);
    }
  } else if (job.state === "cancelled") {
    if (!ledger.cancelAsked.has(job.name)) told("was cancelled by nobody");
    if (!isLogSoFar(marked, log, mayMiss)) told("its log holds what it did not write");
  } else if (job.outcome?.kind === "failed-to-start" && mayMiss) {
    if (starts.length > 0) told("is said not to have started, and did");
  } else told(`should have ended otherwise: ${JSON.stringify(job.outcome)}`);
  return faults;
}

/** The exit code of what sets a job up, when it cannot. */
const NOT_BEGUN = 125;

/** What `ml pull` brings of one of the jobs that came to their end must be what lies there. */
async function pullFaults(
  jobs: readonly Job[],
  { box, people }: Arena,
  ledger: Ledger,
): Promise<readonly string[]> {
  const job = jobs.find(({ outcome }) => outcome?.kind === "exited");
  const owner = people.find(({ name }) => name === job?.user);
  if (job === undefined || owner === undefined) return [];
  const folder = join(owner.home, "judged");
  const { code, stderr } = await owner.ml(["pull", String(job.id), "-o", folder]);
  const [pulled, there] = [textAt(join(folder, OUTPUT)), textOf(box, job, `job/outputs/${OUTPUT}`)];
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0 && !(ledger.fullRounds.has(ledger.round) && there === "")) {
    return [`ml pull ${job.id} ended with ${code}: ${stderr}`];
  }
  return pulled === there ? [] : [`ml pull ${job.id} brought ${pulled.length} of ${there.length}`];
}

function textOf(box: Box, job: Job, path: string): string {
  return textAt(join(box.dataDir, "attempts", `${job.id}.${job.attempt}`, path));
}

/** Whatever works in the data folder although no job runs, and is not the server. */
function processesLeft(box: Box): readonly string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== box.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const isOurs = environment.includes(`${box.dataDir}/`) || words.includes(`${box.dataDir}/`);
        return isOurs ? [`process ${pid} was left: ${words}`] : [];
      } catch {
        return [];
      }
    });
}
