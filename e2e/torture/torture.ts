// Rounds of torture on one box: clients at work, the server in trouble, then quiet and a verdict.
import { join } from "node:path";
import { openBox, type Box, type Person } from "../box.ts";
import { disturb } from "./chaos.ts";
import { act } from "./client.ts";
import { emptyLedger, type Ledger } from "./ledger.ts";
import { seededRandom, type Random } from "./random.ts";
import { judge } from "./verdict.ts";

/** How long it goes on, and from which seed. */
export interface TortureOptions {
  readonly seed: number;
  /** Called before each round with the number of rounds done; answers whether to go on. */
  readonly goesOn: (rounds: number) => boolean;
  /** Called after each round. */
  readonly onRound: (round: RoundReport) => void;
}

/** One round. */
export interface RoundReport {
  readonly round: number;
  /** Jobs submitted so far, answered or not. */
  readonly jobs: number;
  /** What was not as it must be. */
  readonly faults: readonly string[];
}

/** Tortures a fresh box; stops at the first round with faults. Answers the number of rounds. */
export async function torture({ seed, goesOn, onRound }: TortureOptions): Promise<number> {
  const random = seededRandom(seed);
  const box = await openBox();
  try {
    const people = [await box.addPerson("alice"), await box.addPerson("bob")];
    const ledger = emptyLedger();
    const marks = join(box.folder, "marks");
    for (let round = 0; ; round += 1) {
      if (!goesOn(round)) return round;
      await oneRound({ box, people, ledger, marks, random: random.fork() }, round);
      await becomeQuiet(people, ledger);
      const faults = await judge({ box, people, ledger, marks });
      onRound({ round: round + 1, jobs: ledger.jobs.size, faults });
      if (faults.length > 0) return round + 1;
    }
  } finally {
    await box.close();
  }
}

interface Round {
  readonly box: Box;
  readonly people: readonly Person[];
  readonly ledger: Ledger;
  readonly marks: string;
  readonly random: Random;
}

async function oneRound(at: Round, round: number): Promise<void> {
  const { box, people, ledger, marks, random } = at;
  const clients = people.flatMap((person) =>
    ["a", "b"].map((hand) =>
      act(
        { person, ledger, marks, random: random.fork(), mayRefuse: () => false },
        `${person.name}-${hand}-${round}`,
        random.whole(2, 5),
      ),
    ),
  );
  await Promise.all([...clients, disturb(box, random.fork(), random.whole(1, 3))]);
}

interface Waiting {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
}

/** Ends what would not end by itself, and waits until all has ended. */
async function becomeQuiet(people: readonly Person[], ledger: Ledger): Promise<void> {
  const deadline = Date.now() + QUIET_MS;
  for (const person of people) {
    let waiting = await unfinished(person);
    while (waiting === null || waiting.length > 0) {
      if (Date.now() > deadline) {
        const named = waiting?.map(({ id, state }) => `${id} ${state}`) ?? ["nobody answers"];
        ledger.complaints.push(`these do not end: ${named.join(", ")}`);
        return;
      }
      for (const job of waiting ?? []) await endIfEndless(person, job, ledger);
      await Bun.sleep(50);
      waiting = await unfinished(person);
    }
  }
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

const QUIET_MS = 60_000;
