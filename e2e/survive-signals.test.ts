// Signals to the server: whichever comes, and however often, running jobs go on and the next server knows them.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";
import { databaseFaults } from "./torture/database-faults.ts";

const HOOK_MS = 30_000;

let box: Box;
let alice: Person;
let gate: string;

beforeEach(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  gate = join(box.folder, "gate");
  const script = `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; echo done; exit 7`;
  expect((await alice.ml(["queue", "long", "--", "sh", "-c", script])).code).toBe(0);
  await until(async () => (await alice.ml(["logs", "long"])).stdout !== "", "it does not begin");
}, HOOK_MS);

afterEach(() => box.close(), HOOK_MS);

const processes = () =>
  ["supervisor", "job"].map((file) =>
    readFileSync(join(box.dataDir, "attempts/1.1/control", file), "utf8"),
  );

/** The job is the same processes as before, and comes to its end. */
async function expectUntouched(before: readonly string[]): Promise<void> {
  expect(processes()).toEqual([...before]);
  const shown = JSON.parse((await alice.ml(["show", "long", "--json"])).stdout);
  expect(shown).toMatchObject({ state: "running", attempt: 1 });
  writeFileSync(gate, "");
  expect((await alice.ml(["wait", "long"])).code).toBe(7);
  expect((await alice.ml(["logs", "long"])).stdout).toBe("begun\ndone\n");
  expect(databaseFaults(box.dataDir)).toEqual([]);
}

test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)("%s ends the server alone", async (signal) => {
  const before = processes();
  const code = await box.stop(signal);
  if (signal !== "SIGKILL") expect(code).toBe(0);
  await box.start();
  await expectUntouched(before);
});

test("a second SIGINT ends a server that is stopping, at once and as safely", async () => {
  const before = processes();
  const { pid } = box;
  process.kill(pid, "SIGINT");
  await until(() => box.log.includes('"stopping"'), "the server does not stop");
  await box.stop("SIGINT");
  await box.start();
  await expectUntouched(before);
});

test("SIGHUP, as from a terminal that is closed, ends neither the server nor the job", async () => {
  const before = processes();
  process.kill(box.pid, "SIGHUP");
  await until(() => box.log.includes("settings-reloaded"), "nothing is said of the signal");
  await expectUntouched(before);
});
