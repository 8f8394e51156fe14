// Rounds of torture: clients at work, the server in trouble, then quiet and a verdict.
import { openArena, type Arena } from "./arena.ts";
import { disturb } from "./chaos.ts";
import { act } from "./client.ts";
import { emptyLedger, Tally, type Ledger } from "./ledger.ts";
import { becomeQuiet } from "./quiet.ts";
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
  /** What was done so far, and how often. */
  readonly tally: Tally;
  /** What was not as it must be. */
  readonly faults: readonly string[];
}

/** So many rounds share a box; then comes a fresh one, so that a long torture does not become a test of large databases. */
const ROUNDS_A_BOX = 25;

/** Tortures one box after the other; stops at the first round with faults. Answers the number of rounds. */
export async function torture(options: TortureOptions): Promise<number> {
  const random = seededRandom(options.seed);
  const tally = new Tally();
  const done = { rounds: 0, jobs: 0, isWell: true };
  while (done.isWell && options.goesOn(done.rounds)) {
    const arena = await openArena();
    const course = tortureOne(arena, { ...options, random, tally, done });
    const fault = await course.then(
      () => null,
      (error: unknown) => ({ error }),
    );
    await arena.close().catch((error: unknown) => {
      if (fault === null) throw error;
    });
    if (fault !== null) throw fault.error;
  }
  return done.rounds;
}

interface Course extends TortureOptions {
  readonly random: Random;
  readonly tally: Tally;
  readonly done: { rounds: number; jobs: number; isWell: boolean };
}

async function tortureOne(arena: Arena, course: Course): Promise<void> {
  const { random, tally, done, goesOn, onRound } = course;
  const ledger = emptyLedger();
  const jobsBefore = done.jobs;
  for (let here = 0; here < ROUNDS_A_BOX && goesOn(done.rounds); here += 1) {
    ledger.round = done.rounds;
    await oneRound({ arena, ledger, tally, random: random.fork() }, done.rounds);
    await becomeQuiet(arena, ledger);
    const faults = await judge(arena, ledger);
    done.rounds += 1;
    done.jobs = jobsBefore + ledger.jobs.size;
    onRound({ round: done.rounds, jobs: done.jobs, tally, faults });
    done.isWell = faults.length === 0;
    if (!done.isWell) return;
  }
}

interface Round {
  readonly arena: Arena;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly random: Random;
}

async function oneRound(at: Round, round: number): Promise<void> {
  const { arena, ledger, tally, random } = at;
  const clients = arena.people.flatMap((person) =>
    ["a", "b"].map((hand) =>
      act(
        { person, ledger, tally, marks: arena.marks, random: random.fork() },
        `${person.name}-${hand}-${round}`,
        random.whole(2, 7),
      ),
    ),
  );
  const trouble = disturb({ arena, ledger, tally, random: random.fork() }, random.whole(1, 3));
  await Promise.all([...clients, trouble]);
}
