// What happens to the server while clients work: it is killed, stopped and continued, restarted in good order; its disk fills.
import type { Arena } from "./arena.ts";
import type { Ledger, Tally } from "./ledger.ts";
import type { Random } from "./random.ts";

/** Whom it happens to, and where it is noted. */
export interface Victim {
  readonly arena: Arena;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly random: Random;
}

/** Does so many bad things, with a pause before each; the server runs at the end, and its disk has room. */
export async function disturb(victim: Victim, times: number): Promise<void> {
  const { random, arena, tally } = victim;
  for (let time = 0; time < times; time += 1) {
    await Bun.sleep(random.whole(0, 250));
    const disturbance = random.pick(DISTURBANCES) ?? kill;
    tally.add(disturbance.name);
    await disturbance(victim);
  }
  arena.disk?.empty();
}

type Disturbance = (victim: Victim) => Promise<void>;

async function kill(victim: Victim): Promise<void> {
  const { arena, random } = victim;
  await arena.box.stop("SIGKILL");
  await Bun.sleep(random.whole(0, 100));
  await startAgain(victim);
}

/** Killed again while it starts, when it settles what the last one left. */
async function killTwice(victim: Victim): Promise<void> {
  const { arena, random } = victim;
  await arena.box.stop("SIGKILL");
  const starting = arena.box.start().catch(() => undefined);
  await Bun.sleep(random.whole(0, 80));
  await arena.box.stop("SIGKILL");
  await starting;
  await startAgain(victim);
}

async function freeze({ arena, random }: Victim): Promise<void> {
  process.kill(arena.box.pid, "SIGSTOP");
  await Bun.sleep(random.whole(20, 600));
  process.kill(arena.box.pid, "SIGCONT");
}

async function restart(victim: Victim): Promise<void> {
  await victim.arena.box.stop("SIGTERM");
  await startAgain(victim);
}

/** Nothing can be written for a while, or little is left; the server may die meanwhile, and has to start without room. */
async function fill(victim: Victim): Promise<void> {
  const { arena, ledger, random } = victim;
  if (arena.disk === null) return kill(victim);
  ledger.fullRounds.add(ledger.round);
  arena.disk.fill(random.chance(0.7) ? 0 : random.whole(1, 7) * MIB);
  await Bun.sleep(random.whole(50, 800));
  if (random.chance(0.4)) await kill(victim);
  await Bun.sleep(random.whole(0, 200));
  arena.disk.empty();
}

/** Without room it may refuse to start, in words, and then starts as soon as there is some. */
async function startAgain({ arena, ledger, tally }: Victim): Promise<void> {
  try {
    await arena.box.start();
  } catch (error) {
    const isTold = arena.box.log.endsWith("running jobs go on meanwhile.\n");
    if (!isTold || !ledger.fullRounds.has(ledger.round)) throw error;
    tally.add("start refused without room");
    arena.disk?.empty();
    await arena.box.start();
  }
}

const MIB = 1024 ** 2;
const DISTURBANCES: readonly Disturbance[] = [kill, kill, killTwice, freeze, restart, fill, fill];
