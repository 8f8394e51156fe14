// `ml exec` as a person types it: output apart, input, exit code, Ctrl-C, secrets, and nothing left behind.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  box = await openBox({ sandbox: "auto" });
  alice = await box.addPerson("alice");
  bob = await box.addPerson("bob");
  await alice.ml(["secret", "set", "TOKEN"], { input: "very-secret-value" });
  const script = "echo mine > file; echo ready; while :; do sleep 0.1; done";
  await alice.ml(["queue", "long", "--secret", "TOKEN", "--", "sh", "-c", script]);
  await until(async () => (await alice.ml(["logs", "long"])).stdout === "ready\n", "no job");
});
afterAll(() => box.close());

test("gives output apart, input and the exit code, with the job's folder and variables and secrets masked", async () => {
  const script = 'cat; cat file; echo "$ML_JOB_NAME $TOKEN"; echo bad >&2; exit 7';
  const done = await alice.ml(["exec", "long", "--", "sh", "-c", script], { input: "in\n" });
  expect(done).toEqual({ code: 7, stdout: "in\nmine\nlong *****************\n", stderr: "bad\n" });
});

test("passes on a flood whole, to a slow reader too", async () => {
  const script = "head -c 3000000 /dev/zero | tr '\\0' x";
  const { code, stdout } = await alice.ml(["exec", "@", "--", "sh", "-c", script]);
  expect([code, stdout.length]).toEqual([0, 3_000_000]);
});

test("is nobody else's, and needs a command and a job that runs", async () => {
  expect(await bob.ml(["exec", "1", "--", "true"])).toMatchObject({ code: 3 });
  expect(await alice.ml(["exec", "long"])).toMatchObject({ code: 2 });
  expect(await alice.ml(["exec", "none-such", "--", "true"])).toMatchObject({ code: 6 });
});

test("Ctrl-C ends the command, and kill -9 of ml or of the server and the end of the job do too", async () => {
  const seconds = `1${process.pid}000`;
  const start = async (rest: string) => {
    const ml = alice.start(["exec", "long", "--", "sh", "-c", `echo up; ${rest}sleep ${seconds}`]);
    await until(() => sleeping(seconds) > 0, "no command");
    return ml;
  };
  const gone = () => until(() => sleeping(seconds) === 0, "it stays");
  const first = await start("");
  first.kill("SIGINT");
  expect(await first.exited).toBe(130);
  await gone();
  const second = await start("trap '' TERM; ");
  second.kill("SIGKILL");
  await gone();
  const orphan = await start("trap '' TERM; ");
  await box.stop("SIGKILL");
  await gone();
  expect(await orphan.exited).toBe(4);
  await box.start();
  const third = await start("trap '' TERM; ");
  await alice.ml(["cancel", "long", "--now"]);
  await gone();
  await third.exited;
}, 60_000);

test.each(["cancelled", "succeeded"] as const)(
  "a stopped command lets its job be %s",
  async (state) => {
    const seconds = `2${process.pid}000`;
    const script = "echo ready; until [ -e go ]; do sleep 0.1; done";
    const queued = await alice.ml(["queue", state, "--json", "--", "sh", "-c", script]);
    const job = String((JSON.parse(queued.stdout) as { id: number }).id);
    await until(async () => (await alice.ml(["logs", state])).stdout === "ready\n", "no job");
    const text = `sleep ${seconds} & sleep 1; touch stopped; kill -STOP $! $$`;
    const ml = alice.start(["exec", state, "--", "sh", "-c", text]);
    const look = "until [ -e stopped ]; do sleep 0.1; done; sleep 1";
    expect((await alice.ml(["exec", state, "--", "sh", "-c", look])).code).toBe(0);
    const end = {
      cancelled: ["cancel", state, "--now"],
      succeeded: ["exec", state, "--", "touch", "go"],
    };
    await alice.ml(end[state]);
    const isOver = async () => {
      const { stdout } = await alice.ml(["show", job, "--json"]);
      return (JSON.parse(stdout) as { state: string }).state === state;
    };
    await until(isOver, "it stays");
    await until(() => sleeping(seconds) === 0, "it stays");
    await ml.exited;
  },
  60_000,
);

function sleeping(seconds: string): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  }).length;
}
