// One client of the torture: submits, looks, follows and cancels at random, as a person at a laptop would.
import type { Person } from "../box.ts";
import type { Ledger } from "./ledger.ts";
import { commandOf, drawJob, wholeLog, type MarkedJob } from "./marked-job.ts";
import type { Random } from "./random.ts";

/** Who acts, and what is noted. */
export interface Actor {
  readonly person: Person;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Folder of the jobs' marks. */
  readonly marks: string;
  /** Whether the disk may be full, so that a submit may be refused. */
  readonly mayRefuse: () => boolean;
}

/** Does so many things, one after the other. `label` makes the names of its jobs unique. */
export async function act(actor: Actor, label: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const deed = actor.random.pick(DEEDS) ?? submit;
    await deed(actor, `${label}-${time}`);
  }
}

type Deed = (actor: Actor, name: string) => Promise<void>;

async function submit(actor: Actor, name: string): Promise<void> {
  const { person, ledger, random, marks } = actor;
  const job = drawJob(random, name);
  ledger.jobs.set(name, job);
  const words = ["queue", name, "--json", ...(random.chance(0.1) ? ["--hold"] : [])];
  const queued = await person.ml([...words, "--", ...commandOf(job, marks)]);
  if (queued.code === 0) {
    const { id }: { id: number } = JSON.parse(queued.stdout);
    ledger.acknowledged.set(name, id);
  } else if (queued.code !== UNREACHABLE && !(queued.code === REFUSED && actor.mayRefuse())) {
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

/** Follows a log to the end of the job, or turns away from it after a while. */
async function follow(actor: Actor): Promise<void> {
  const { person, random, ledger } = actor;
  const job = ownJob(actor);
  if (job === undefined) return;
  const follower = person.start(["logs", "-f", "--raw", idOf(actor, job)]);
  void follower.stdin.end();
  const timer = setTimeout(() => follower.kill("SIGINT"), random.whole(50, 1500));
  const [shown, said, code] = await Promise.all([
    new Response(follower.stdout).text(),
    new Response(follower.stderr).text(),
    follower.exited,
  ]);
  clearTimeout(timer);
  const isPrefix = wholeLog(job).startsWith(shown);
  if (!isPrefix) ledger.complaints.push(`ml logs -f ${job.name} showed what was not written`);
  if (code === job.exitCode && shown !== wholeLog(job) && !ledger.cancelAsked.has(job.name)) {
    ledger.complaints.push(`ml logs -f ${job.name} ended with ${code} before the log did: ${said}`);
  }
}

const DEEDS: readonly Deed[] = [submit, submit, submit, cancel, release, look, follow];

const REFUSED = 5;
const UNREACHABLE = 4;

function ownJob({ ledger, random, person }: Actor): MarkedJob | undefined {
  const own = [...ledger.acknowledged.keys()].filter((name) => name.startsWith(`${person.name}-`));
  return ledger.jobs.get(random.pick(own.slice(-8)) ?? "");
}

function idOf({ ledger }: Actor, job: MarkedJob): string {
  return String(ledger.acknowledged.get(job.name));
}

async function expectCode(
  actor: Actor,
  words: readonly string[],
  codes: readonly number[],
): Promise<void> {
  const { code, stderr } = await actor.person.ml(words);
  if (!codes.includes(code)) complain(actor, `ml ${words.join(" ")} ended with ${code}: ${stderr}`);
}

function complain({ ledger }: Actor, what: string): void {
  ledger.complaints.push(what.trim());
}
