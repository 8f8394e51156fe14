// Compares what the server says after a round with what clients were told and what jobs have marked.
import { Database } from "bun:sqlite";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "@fetchml/protocol";
import type { Box, Person } from "../box.ts";
import type { Ledger } from "./ledger.ts";
import { marksOf, wholeLog, type MarkedJob } from "./marked-job.ts";

/** Everything that is not as it must be, a sentence each. Every job of the ledger must have ended. */
export async function judge(from: {
  readonly box: Box;
  readonly people: readonly Person[];
  readonly ledger: Ledger;
  readonly marks: string;
}): Promise<readonly string[]> {
  const { box, people, ledger, marks } = from;
  const stored = await storedJobs(people);
  const faults = ledger.complaints.splice(0);
  for (const [name, id] of ledger.acknowledged) {
    const known = stored.filter((job) => job.name === name);
    if (known.length !== 1 || known[0]?.id !== id) {
      faults.push(
        `${name} was acknowledged as ${id}; stored: ${known.map((job) => job.id).join(", ") || "nothing"}`,
      );
    }
  }
  for (const job of stored) {
    const marked = ledger.jobs.get(job.name);
    if (marked === undefined) faults.push(`${job.id} (${job.name}) was submitted by nobody`);
    else faults.push(...faultsOf(job, marked, { box, marks, ledger }));
  }
  return [...faults, ...databaseFaults(box), ...processesLeft(box)];
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

function faultsOf(
  job: Job,
  marked: MarkedJob,
  at: { readonly box: Box; readonly marks: string; readonly ledger: Ledger },
): readonly string[] {
  const faults: string[] = [];
  const told = (what: string) => void faults.push(`${job.id} (${job.name}, ${job.state}): ${what}`);
  const left = marksOf(marked, at.marks);
  const starts = left.filter((mark) => mark.startsWith("start "));
  if (new Set(starts).size !== starts.length) told(`started more than once: ${starts.join(", ")}`);
  if (starts.length > job.attempt) told(`${starts.length} starts, ${job.attempt} attempts`);
  const end = left.find((mark) => mark.startsWith(`end ${job.attempt} `));
  const log = logOf(at.box, job);
  if (job.state === "succeeded" || job.state === "failed") {
    const code = job.outcome?.kind === "exited" ? job.outcome.exit_code : null;
    if (starts.length !== job.attempt) told(`${starts.length} starts, ${job.attempt} attempts`);
    if (code !== marked.exitCode) told(`exit code ${code} instead of ${marked.exitCode}`);
    if (end === undefined) told("ended without having come to its end");
    if (log !== wholeLog(marked)) {
      told(`its log has ${log.length} of ${wholeLog(marked).length} bytes`);
    }
  } else if (job.state === "cancelled") {
    if (!at.ledger.cancelAsked.has(job.name)) told("was cancelled by nobody");
    if (!wholeLog(marked).startsWith(log)) told("its log holds what it did not write");
  } else told("should have ended otherwise");
  return faults;
}

function logOf(box: Box, job: Job): string {
  if (job.attempt === 0) return "";
  try {
    return readFileSync(
      join(box.dataDir, "attempts", `${job.id}.${job.attempt}`, "control/log"),
      "utf8",
    );
  } catch {
    return "";
  }
}

function databaseFaults(box: Box): readonly string[] {
  const db = new Database(join(box.dataDir, "fetchml.db"), { readonly: true });
  try {
    const integrity = db.query<{ integrity_check: string }, []>("PRAGMA integrity_check").all();
    const broken = db.query("PRAGMA foreign_key_check").all();
    return [
      ...integrity.map((row) => row.integrity_check).filter((word) => word !== "ok"),
      ...broken.map((row) => `foreign key: ${JSON.stringify(row)}`),
    ];
  } finally {
    db.close();
  }
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
