// The bounds of a job while no server runs: what it did then counts as soon as the next one looks.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeEach(async () => {
  box = await openBox({ config: 'max_disk = "4M"\n' });
  alice = await box.addPerson("alice");
});

afterEach(() => box.close());

const control = (file: string) => join(box.dataDir, "attempts/1.1/control", file);

async function queue(shell: string, ...options: readonly string[]): Promise<void> {
  const queued = await alice.ml(["queue", "job", ...options, "--", "sh", "-c", shell]);
  expect(queued.code).toBe(0);
  await until(async () => (await alice.ml(["logs", "job"])).stdout !== "", "it does not begin");
}

const show = async () => JSON.parse((await alice.ml(["show", "job", "--json"])).stdout);

/** As if that had been written 11 minutes earlier, and no server had run since. */
function dateBack(files: readonly string[]): void {
  for (const file of files) {
    const time = new Date(statSync(control(file)).mtimeMs - 660_000);
    utimesSync(control(file), time, time);
  }
}

test("a job that was silent for too long meanwhile is ended soon after the start", async () => {
  await queue("echo begun; exec sleep 1000", "--no-output", "10m");
  await box.stop("SIGKILL");
  dateBack(["log", "heard", "job"]);
  await box.start();
  await until(async () => (await show()).state === "failed", "it is not ended");
  expect((await show()).outcome).toEqual({ kind: "no-output", silent_ms: 600_000 });
  expect((await alice.ml(["why", "job"])).stdout).toContain("because it wrote nothing for 10m.");
}, 60_000);

test("a job that wrote meanwhile is not", async () => {
  const gate = join(box.folder, "gate");
  await queue(
    `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; echo more; until [ -e '${gate}2' ]; do sleep 0.05; done; exit 7`,
    "--no-output",
    "10m",
  );
  await box.stop("SIGKILL");
  dateBack(["log", "heard", "job"]);
  const before = statSync(control("log")).size;
  writeFileSync(gate, "");
  await until(() => statSync(control("log")).size > before, "it writes nothing");
  await box.start();
  const shown = await show();
  expect(shown).toMatchObject({ state: "running", attempt: 1 });
  expect(shown.silence).toBeUndefined();
  writeFileSync(`${gate}2`, "");
  expect((await alice.ml(["wait", "job"])).code).toBe(7);
}, 60_000);

test("a job that has taken too much of the disk meanwhile is ended soon after the start", async () => {
  const gate = join(box.folder, "gate");
  await queue(
    `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; head -c 6000000 /dev/zero >big; : >whole; exec sleep 1000`,
  );
  await box.stop("SIGKILL");
  writeFileSync(gate, "");
  const whole = join(box.dataDir, "attempts/1.1/job/work/whole");
  await until(() => existsSync(whole), "it writes nothing");
  await box.start();
  await until(async () => (await show()).state === "failed", "it is not ended");
  expect((await show()).outcome).toMatchObject({ kind: "disk-full", path: "work" });
}, 60_000);
