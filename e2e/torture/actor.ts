// Who acts in the torture, and how what it does is judged at once.
import type { Person } from "../box.ts";
import type { Ledger, Tally } from "./ledger.ts";
import type { MarkedJob } from "./marked-job.ts";
import type { Random } from "./random.ts";

/** Who acts, and what is noted. */
export interface Actor {
  readonly person: Person;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly random: Random;
  /** Folder of the jobs' marks. */
  readonly marks: string;
}

/** Exit code of `ml` where the server said no. */
export const REFUSED = 5;
/** Exit code of `ml` where nobody answers. */
export const UNREACHABLE = 4;

/** One of the last jobs of this person whose submit was answered. */
export function ownJob({ ledger, random, person }: Actor): MarkedJob | undefined {
  const own = [...ledger.acknowledged.keys()].filter((name) => name.startsWith(`${person.name}-`));
  return ledger.jobs.get(random.pick(own.slice(-8)) ?? "");
}

/** The id of a job whose submit was answered, as it is typed. */
export function idOf({ ledger }: Actor, job: MarkedJob): string {
  return String(ledger.acknowledged.get(job.name));
}

/** Runs `ml` and complains of any other exit code. */
export async function expectCode(
  actor: Actor,
  words: readonly string[],
  codes: readonly number[],
): Promise<void> {
  const { code, stderr } = await actor.person.ml(words);
  if (!codes.includes(code)) complain(actor, `ml ${words.join(" ")} ended with ${code}: ${stderr}`);
}

/** Notes what must not be. */
export function complain({ ledger }: Actor, what: string): void {
  ledger.complaints.push(what.trim());
}
