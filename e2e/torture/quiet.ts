// The end of a round: nothing new comes, and all that was submitted ends.
import type { Person } from "../box.ts";
import type { Arena } from "./arena.ts";
import type { Ledger } from "./ledger.ts";

const QUIET_MS = 60_000;

interface Waiting {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
}

/** Ends what would not end by itself, and waits until all has ended; complains when it does not. */
export async function becomeQuiet({ people }: Arena, ledger: Ledger): Promise<void> {
  const deadline = Date.now() + QUIET_MS;
  for (;;) {
    // Of all people at once: what one of them does not end may keep another's jobs from starting.
    const waiting = await Promise.all(people.map((person) => endWhatStays(person, ledger)));
    if (waiting.every((jobs) => jobs?.length === 0)) return;
    if (Date.now() > deadline) {
      const named = waiting.flatMap((jobs) => jobs?.map(({ id, state }) => `${id} ${state}`));
      ledger.complaints.push(`these do not end: ${named.join(", ")}`);
      return;
    }
    await Bun.sleep(50);
  }
}

async function endWhatStays(person: Person, ledger: Ledger): Promise<readonly Waiting[] | null> {
  const waiting = await unfinished(person);
  for (const job of waiting ?? []) await endIfEndless(person, job, ledger);
  return waiting;
}

/** `null` when the server does not answer. */
async function unfinished(person: Person): Promise<readonly Waiting[] | null> {
  const listed = await person.ml(["list", "--json", "--limit", "1000"]);
  if (listed.code !== 0) return null;
  const jobs: Waiting[] = JSON.parse(listed.stdout);
  return jobs;
}

async function endIfEndless(person: Person, job: Waiting, ledger: Ledger): Promise<void> {
  if (job.reason !== "held" && ledger.jobs.get(job.name)?.isEndless !== true) return;
  ledger.cancelAsked.add(job.name);
  await person.ml(["cancel", String(job.id), "--now"]);
}
