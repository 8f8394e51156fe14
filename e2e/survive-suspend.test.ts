// A suspended machine, the server's or the laptop: it stands still until the other end takes it for dead, and goes on as if nothing had been.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

/** Either end gives up on the other after three of its looks, 20 s or 25 s apart. Ten times that. */
const DEAD_MS = 750_000;

/** Waits for words that come when the other end is taken for dead. */
async function untilDead(condition: () => boolean, complaint: string): Promise<void> {
  const deadline = performance.now() + DEAD_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(complaint);
    await Bun.sleep(50);
  }
}

interface Followed {
  readonly follower: Bun.Subprocess<"pipe", "pipe", "pipe">;
  /** What it has shown, and what it has said beside that. */
  readonly shown: () => string;
  readonly said: () => string;
  /** Lets the job say "done" and end with 3. */
  readonly finish: () => void;
}

/** A job that has said "begun", and somebody who follows it and has seen that. */
async function followLong(box: Box, alice: Person): Promise<Followed> {
  const gate = join(box.folder, "gate");
  const script = `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; echo done; exit 3`;
  await alice.ml(["queue", "long", "--", "sh", "-c", script]);
  const follower = alice.start(["logs", "-f", "long"]);
  let shown = "";
  let said = "";
  void collect(follower.stdout, (text) => (shown += text));
  void collect(follower.stderr, (text) => (said += text));
  await until(() => shown === "begun\n", "the follower shows nothing");
  const finish = () => writeFileSync(gate, "");
  return { follower, shown: () => shown, said: () => said, finish };
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
}

async function expectGoesOn({ follower, shown, said, finish }: Followed): Promise<void> {
  await until(() => said().includes("Connected again."), "the follower does not come back");
  finish();
  expect(await follower.exited).toBe(3);
  await until(() => shown() === "begun\ndone\n", `the follower shows ${shown()}`);
}

test.concurrent(
  "a server that stood still: its followers come back, ends that came meanwhile are told as they were, and nothing is ended wrongly",
  async () => {
    const box = await openBox({ config: "cpus = 4\n" });
    try {
      const alice = await box.addPerson("alice");
      const followed = await followLong(box, alice);
      const queue = (name: string, script: string, ...more: string[]) =>
        alice.ml(["queue", name, ...more, "--", "sh", "-c", script]);
      await queue("short", "echo short; sleep 1; exit 5");
      await queue("limited", "echo limited; sleep 1000", "--timeout", "3s");
      const begun = async (name: string) => (await alice.ml(["logs", name])).stdout !== "";
      for (const name of ["short", "limited"]) {
        await until(() => begun(name), `${name} does not begin`);
      }

      const stoodFrom = performance.now();
      process.kill(box.pid, "SIGSTOP");
      await untilDead(
        () => followed.said().includes("Trying again"),
        "the follower waits for a server that stands still",
      );
      const stillMs = performance.now() - stoodFrom;
      process.kill(box.pid, "SIGCONT");

      expect((await alice.ml(["wait", "short"])).code).toBe(5);
      await alice.ml(["wait", "limited"]);
      const limited = JSON.parse((await alice.ml(["show", "limited", "--json"])).stdout);
      expect(limited).toMatchObject({ state: "timed-out", attempt: 1 });
      // Its own supervisor keeps the time: it was not allowed to run on while the server stood still.
      expect(limited.ended_at - limited.started_at).toBeLessThan(stillMs);
      const still = JSON.parse((await alice.ml(["show", "long", "--json"])).stdout);
      expect(still).toMatchObject({ state: "running", attempt: 1 });
      await expectGoesOn(followed);
    } finally {
      await box.close();
    }
  },
  2 * DEAD_MS,
);

test.concurrent(
  "a laptop that slept: the server lets its connection go, and the follower comes back and misses nothing",
  async () => {
    const box = await openBox({ config: 'log_level = "debug"\n' });
    try {
      const alice = await box.addPerson("alice");
      const followed = await followLong(box, alice);
      const closed = () => box.log.split('"connection-closed"').length;
      await until(() => closed() > 1, "the submit did not close its connection");
      const before = closed();
      followed.follower.kill("SIGSTOP");
      await untilDead(
        () => closed() > before,
        "the server keeps the connection of a laptop that sleeps",
      );
      followed.follower.kill("SIGCONT");
      await expectGoesOn(followed);
    } finally {
      await box.close();
    }
  },
  2 * DEAD_MS,
);
