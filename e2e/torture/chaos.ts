// What happens to the server while clients work: it is killed, stopped and continued, restarted in good order.
import type { Box } from "../box.ts";
import type { Random } from "./random.ts";

/** Does so many bad things, with a pause before each; the server runs at the end. */
export async function disturb(box: Box, random: Random, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await Bun.sleep(random.whole(0, 250));
    await (random.pick(DISTURBANCES) ?? kill)(box, random);
  }
}

type Disturbance = (box: Box, random: Random) => Promise<void>;

async function kill(box: Box, random: Random): Promise<void> {
  await box.stop("SIGKILL");
  await Bun.sleep(random.whole(0, 100));
  await box.start();
}

/** Killed again while it starts, when it settles what the last one left. */
async function killTwice(box: Box, random: Random): Promise<void> {
  await box.stop("SIGKILL");
  const starting = box.start().catch(() => undefined);
  await Bun.sleep(random.whole(0, 80));
  await box.stop("SIGKILL");
  await starting;
  await box.start();
}

async function freeze(box: Box, random: Random): Promise<void> {
  process.kill(box.pid, "SIGSTOP");
  await Bun.sleep(random.whole(20, 600));
  process.kill(box.pid, "SIGCONT");
}

async function restart(box: Box): Promise<void> {
  await box.stop("SIGTERM");
  await box.start();
}

const DISTURBANCES: readonly Disturbance[] = [kill, kill, killTwice, freeze, restart];
