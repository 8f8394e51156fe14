// What "ml show" and "ml why" tell of each end that needs no bounds of the admin's; the others are in guards.test.ts.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox({ config: "cpus = 4\n" });
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

/** Queues a job of this line of shell, lets that happen to it which ends it, and waits for the end. */
async function end(
  line: string,
  options: readonly string[] = [],
  happens: (id: number) => void | Promise<void> = () => undefined,
) {
  const queued = await alice.ml(["queue", "end", "--json", ...options, "--", "sh", "-c", line]);
  expect(queued.stderr).toBe("");
  const id = Number(/"id": ?(\d+)/.exec(queued.stdout)?.[1]);
  await happens(id);
  const { code } = await alice.ml(["wait", `${id}`]);
  const [json, shown, why] = await Promise.all([
    alice.ml(["show", `${id}`, "--json"]),
    alice.ml(["show", `${id}`]),
    alice.ml(["why", `${id}`]),
  ]);
  const { state, outcome } = JSON.parse(json.stdout);
  const told = /^Outcome +(.*)$/m.exec(shown.stdout)?.[1];
  return { code, state, outcome, told, why: why.stdout.split("\n")[1] };
}

const begun = (id: number) =>
  until(async () => (await alice.ml(["logs", `${id}`])).stdout !== "", "it does not begin");

test("exited N", async () => {
  expect(await end("exit 3")).toEqual({
    code: 3,
    state: "failed",
    outcome: { kind: "exited", exit_code: 3 },
    told: "exited with code 3",
    why: "It failed with exit code 3.",
  });
});

test("ended by a signal, as far as a shell can tell", async () => {
  expect(await end("kill -s SEGV $$")).toEqual({
    code: 139,
    state: "failed",
    outcome: { kind: "exited", exit_code: 139 },
    told: "exited with code 139, as by SIGSEGV",
    why: "It failed with exit code 139, which often means that SIGSEGV ended it.",
  });
});

test("timed out", async () => {
  expect(await end("exec sleep 1000", ["--timeout", "1s"])).toEqual({
    code: 124,
    state: "timed-out",
    outcome: { kind: "timed-out", timeout_ms: 1000 },
    told: "ran out of its time of 1s",
    why: "It ran out of its time of 1s and was ended.",
  });
});

test("cancelled by alice, queued and running", async () => {
  const cancel = async (id: number) => {
    expect((await alice.ml(["cancel", `${id}`])).code).toBe(0);
  };
  const cancelled = {
    code: 1,
    state: "cancelled",
    told: "was cancelled by alice",
    why: "It was cancelled by alice.",
  };
  expect(await end("true", ["--hold"], cancel)).toMatchObject({
    ...cancelled,
    outcome: { kind: "cancelled", by: "alice", exit_code: null },
  });
  const running = await end("echo begun; exec sleep 1000", [], async (id) => {
    await begun(id);
    await cancel(id);
  });
  expect(running).toEqual({
    ...cancelled,
    outcome: { kind: "cancelled", by: "alice", exit_code: 143 },
  });
});

test("lost, where the box was restarted and where nobody knows", async () => {
  const supervisor = (id: number) => join(box.dataDir, `attempts/${id}.1/control/supervisor`);
  const killed = await end("echo begun; exec sleep 1000", [], async (id) => {
    await begun(id);
    process.kill(Number.parseInt(readFileSync(supervisor(id), "utf8"), 10), "SIGKILL");
  });
  const message = "Its supervisor was killed, so nobody knows how it ended.";
  expect(killed).toEqual({
    code: 1,
    state: "lost",
    outcome: { kind: "lost", message },
    told: `was lost: ${message.slice(0, -1)}`,
    why: `It was lost: ${message}`,
  });
  const restarted = await end("echo begun; until [ -e go ]; do sleep 0.1; done", [], async (id) => {
    await begun(id);
    await box.stop("SIGKILL");
    const line = readFileSync(supervisor(id), "utf8");
    // As a boot leaves it: the processes are gone, and the line names the boot before.
    writeFileSync(join(box.dataDir, `attempts/${id}.1/job/work/go`), "");
    const exit = join(box.dataDir, `attempts/${id}.1/control/exit`);
    await until(() => readFileSync(exit, "utf8") !== "", "it does not end");
    writeFileSync(exit, "");
    writeFileSync(supervisor(id), line.replace(/[0-9a-f-]{36}@/, "the-boot-before@"));
    await box.start();
  });
  expect(restarted).toMatchObject({
    state: "lost",
    told: "was lost: The box was restarted while it ran",
    why: "It was lost: The box was restarted while it ran.",
  });
});

test("could not be started", async () => {
  const home = join(box.dataDir, "homes/alice");
  const ended = await end("true", ["--hold"], async (id) => {
    // In the place of the user's HOME is a file.
    renameSync(home, `${home}-aside`);
    writeFileSync(home, "");
    expect((await alice.ml(["release", `${id}`])).code).toBe(0);
  });
  expect(ended).toMatchObject({
    code: 125,
    state: "failed",
    outcome: { kind: "failed-to-start" },
    told: expect.stringContaining("could not be started: "),
    why: expect.stringContaining("It could not be started: "),
  });
});
