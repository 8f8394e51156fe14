// One client of the torture: submits, looks, follows, pulls and cancels at random, as a person at a laptop would.
import { type Actor, complain, expectCode, idOf, ownJob, REFUSED, UNREACHABLE } from "./actor.ts";
import { commandOf, drawJob } from "./marked-job.ts";
import { follow, pull } from "./reading.ts";

/** Does so many things, one after the other. `label` makes the names of its jobs unique. */
export async function act(actor: Actor, label: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const deed = actor.random.pick(DEEDS) ?? submit;
    actor.tally.add(deed.name);
    await deed(actor, `${label}-${time}`);
  }
}

type Deed = (actor: Actor, name: string) => Promise<void>;

async function submit(actor: Actor, name: string): Promise<void> {
  const { person, ledger, random, marks } = actor;
  const job = drawJob(random, name, ledger.round);
  ledger.jobs.set(name, job);
  const words = ["queue", name, "--json", ...(random.chance(0.1) ? ["--hold"] : [])];
  const queued = await person.ml([...words, "--", ...commandOf(job, marks)]);
  if (queued.code === 0) {
    const { id }: { id: number } = JSON.parse(queued.stdout);
    ledger.acknowledged.set(name, id);
  } else if (
    queued.code !== UNREACHABLE &&
    !(queued.code === REFUSED && ledger.fullRounds.has(job.round))
  ) {
    complain(actor, `ml queue ended with ${queued.code}: ${queued.stderr}`);
  }
}

async function cancel(actor: Actor): Promise<void> {
  const job = ownJob(actor);
  if (job === undefined) return;
  actor.ledger.cancelAsked.add(job.name);
  const now = actor.random.chance(0.3) ? ["--now"] : [];
  await expectCode(actor, ["cancel", idOf(actor, job), ...now], [0, REFUSED, UNREACHABLE]);
}

async function release(actor: Actor): Promise<void> {
  const job = ownJob(actor);
  if (job === undefined) return;
  await expectCode(actor, ["release", idOf(actor, job)], [0, REFUSED, UNREACHABLE]);
}

async function look(actor: Actor): Promise<void> {
  const words = actor.random.pick([["status"], ["list", "--all"], ["queue"]]) ?? ["status"];
  await expectCode(actor, words, [0, UNREACHABLE]);
}

const DEEDS: readonly Deed[] = [submit, submit, submit, cancel, release, look, follow, pull];
