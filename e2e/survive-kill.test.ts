// A job outlives its server: killed, restarted, stopped in good order.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeEach(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});

afterEach(() => box.close());

/** Queues a job that says "begun", waits for a file, says "done" and ends with a code. */
async function queueGated(code: number): Promise<{ readonly gate: string }> {
  const gate = join(box.folder, "gate");
  const script = `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; echo done; exit ${code}`;
  const queued = await alice.ml(["queue", "gated", "--", "sh", "-c", script]);
  expect(queued.code).toBe(0);
  await until(
    async () => (await alice.ml(["logs", "gated"])).stdout.includes("begun"),
    "the job does not begin",
  );
  return { gate };
}

test("a job that ends while its server is dead keeps its exit code and its log", async () => {
  const { gate } = await queueGated(7);
  await box.stop("SIGKILL");
  writeFileSync(gate, "");
  await until(
    () => existsSync(join(box.dataDir, "attempts/1.1/control/exit")),
    "the job does not end",
  );
  await box.start();
  expect((await alice.ml(["wait", "gated"])).code).toBe(7);
  expect((await alice.ml(["logs", "gated"])).stdout).toBe("begun\ndone\n");
  const shown = JSON.parse((await alice.ml(["show", "gated", "--json"])).stdout);
  expect(shown).toMatchObject({
    state: "failed",
    outcome: { kind: "exited", exit_code: 7 },
    attempt: 1,
  });
});

test("a job that runs on is adopted, followed and cancelled by the next server", async () => {
  await queueGated(0);
  await box.stop("SIGKILL");
  await box.start();
  expect(JSON.parse((await alice.ml(["show", "gated", "--json"])).stdout)).toMatchObject({
    state: "running",
    attempt: 1,
  });
  expect((await alice.ml(["cancel", "gated"])).code).toBe(0);
  expect((await alice.ml(["wait", "gated"])).code).toBe(1);
});

test("SIGTERM ends the server with 0 and leaves the job running", async () => {
  const { gate } = await queueGated(0);
  expect(await box.stop("SIGTERM")).toBe(0);
  await box.start();
  expect(JSON.parse((await alice.ml(["show", "gated", "--json"])).stdout)).toMatchObject({
    state: "running",
  });
  writeFileSync(gate, "");
  expect((await alice.ml(["wait", "gated"])).code).toBe(0);
});

test("ml logs -f goes on where it was when its server was killed and started again", async () => {
  const { gate } = await queueGated(3);
  const follower = alice.start(["logs", "-f", "gated"]);
  let output = "";
  const decoder = new TextDecoder();
  const reading = (async () => {
    for await (const chunk of follower.stdout) output += decoder.decode(chunk, { stream: true });
  })();
  await until(() => output.includes("begun"), "the follower shows nothing");
  await box.stop("SIGKILL");
  await box.start();
  writeFileSync(gate, "");
  expect(await follower.exited).toBe(3);
  await reading;
  expect(output).toBe("begun\ndone\n");
});

test("jobs that were queued when the server was killed start after its restart", async () => {
  await queueGated(0);
  const held = await alice.ml(["queue", "later", "--hold", "--", "echo", "later"]);
  expect(held.code).toBe(0);
  await box.stop("SIGKILL");
  await box.start();
  expect((await alice.ml(["release", "later"])).code).toBe(0);
  expect((await alice.ml(["wait", "later"])).code).toBe(0);
});
