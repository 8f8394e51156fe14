// A suspended machine: the server stands still for longer than heartbeats and deadlines, and goes on as if nothing had been.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until } from "./box.ts";

/** Longer than the 25 s between two heartbeats twice over would take minutes; the deadlines of these jobs are shorter. */
const STILL_MS = 8_000;

test("after it the followers go on, ends that came meanwhile are told as they were, and nothing is ended wrongly", async () => {
  const box = await openBox({ config: "cpus = 4\n" });
  try {
    const alice = await box.addPerson("alice");
    const gate = join(box.folder, "gate");
    const long = `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; echo done; exit 3`;
    const queue = (name: string, script: string, ...more: string[]) =>
      alice.ml(["queue", name, ...more, "--", "sh", "-c", script]);
    await queue("long", long);
    await queue("short", "echo short; sleep 1; exit 5");
    await queue("limited", "echo limited; sleep 1000", "--timeout", "3s");
    const begun = async (name: string) => (await alice.ml(["logs", name])).stdout !== "";
    for (const name of ["long", "short", "limited"]) {
      await until(() => begun(name), `${name} does not begin`);
    }
    const follower = alice.start(["logs", "-f", "long"]);
    const shown = new Response(follower.stdout).text();

    process.kill(box.pid, "SIGSTOP");
    await Bun.sleep(STILL_MS);
    process.kill(box.pid, "SIGCONT");

    expect((await alice.ml(["wait", "short"])).code).toBe(5);
    await alice.ml(["wait", "limited"]);
    const limited = JSON.parse((await alice.ml(["show", "limited", "--json"])).stdout);
    expect(limited).toMatchObject({ state: "timed-out", attempt: 1 });
    // Its own supervisor keeps the time: it was not allowed to run on while the server stood still.
    expect(limited.ended_at - limited.started_at).toBeLessThan(STILL_MS);
    const still = JSON.parse((await alice.ml(["show", "long", "--json"])).stdout);
    expect(still).toMatchObject({ state: "running", attempt: 1 });
    writeFileSync(gate, "");
    expect(await follower.exited).toBe(3);
    expect(await shown).toBe("begun\ndone\n");
  } finally {
    await box.close();
  }
}, 60_000);
