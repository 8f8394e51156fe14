// Looks at every job that has run: it exists once, ended well, and each of its attempts saw the tree that was queued.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "@fetchml/protocol";
import type { Person } from "../box.ts";
import type { Torture } from "./ledger.ts";

/** Waits until every job has ended, and adds to the faults what is not as it must be. Answers how many jobs were looked at. */
export async function judgeJobs({ box, people, ledger }: Torture): Promise<number> {
  for (const person of people) await allEnded(person);
  const stored = (await Promise.all(people.map((person) => list(person, "--all")))).flat();
  for (const [name, id] of ledger.acknowledged) {
    const ids = stored.filter((job) => job.name === name).map((job) => job.id);
    if (!ids.includes(id))
      ledger.faults.push(`${name} was acknowledged as ${id}, and is not there`);
    if (ids.length > 1) ledger.faults.push(`${name} was queued more than once: ${ids.join(", ")}`);
  }
  const fresh = stored.filter((job) => !ledger.judged.has(job.name));
  for (const job of fresh) {
    ledger.judged.add(job.name);
    ledger.faults.push(...faultsOf(job, ledger.trees.get(job.name), box.dataDir));
  }
  return fresh.length;
}

function faultsOf(job: Job, tree: string | undefined, dataDir: string): readonly string[] {
  const told = (what: string) => `${job.id} (${job.name}, ${job.state}): ${what}`;
  if (tree === undefined) return [told("was queued by nobody")];
  const faults = job.state === "succeeded" ? [] : [told("did not end well")];
  for (let attempt = 1; attempt <= job.attempt; attempt += 1) {
    const file = join(dataDir, "attempts", `${job.id}.${attempt}`, "control/log");
    const log = existsSync(file) ? readFileSync(file, "utf8") : "";
    // An attempt that was cut off says nothing. Whatever is said must be right, and the last one must have said it.
    const isLast = attempt === job.attempt;
    if (log !== `${tree}\n` && (isLast || log !== "")) {
      faults.push(told(`attempt ${attempt} ran with ${JSON.stringify(log)} instead of ${tree}`));
    }
  }
  return faults;
}

async function allEnded(person: Person): Promise<void> {
  const deadline = Date.now() + QUIET_MS;
  for (;;) {
    const left = await list(person);
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      throw new Error(
        `jobs do not end: ${left.map(({ id, state }) => `${id} ${state}`).join(", ")}`,
      );
    }
    await Bun.sleep(30);
  }
}

const QUIET_MS = 60_000;

async function list(person: Person, ...options: readonly string[]): Promise<readonly Job[]> {
  const listed = await person.ml(["list", ...options, "--limit", "100000", "--json"]);
  if (listed.code !== 0) throw new Error(listed.stderr);
  const jobs: Job[] = JSON.parse(listed.stdout);
  return jobs;
}
