// The admin's guards, with the compiled executables: what a job takes too much of is cut or ends it, and every end is told.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

const CONFIG = `max_time = "1h"
max_log = "1M"
max_disk = "4M"
`;

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox({ config: CONFIG });
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

async function queue(name: string, args: readonly string[], shell: string): Promise<number> {
  const { code, stdout, stderr } = await alice.ml([
    "queue",
    name,
    "--json",
    ...args,
    "--",
    "sh",
    "-c",
    shell,
  ]);
  if (code !== 0) throw new Error(stderr);
  return Number(/"id": ?(\d+)/.exec(stdout)?.[1]);
}

async function show(id: number): Promise<Record<string, unknown>> {
  const shown: unknown = JSON.parse((await alice.ml(["show", `${id}`, "--json"])).stdout);
  return typeof shown === "object" && shown !== null ? { ...shown } : {};
}

const said = async (args: readonly string[]): Promise<string> => (await alice.ml(args)).stdout;

async function reached(id: number, state: string): Promise<void> {
  await until(async () => (await show(id))["state"] === state, `job ${id} is not ${state}`);
}

async function restart(): Promise<void> {
  await box.stop("SIGKILL");
  await box.start();
}

const logOf = (id: number) => statSync(join(box.dataDir, `attempts/${id}.1/control/log`));

test("a job that prints without end keeps head and tail and a mark, and goes on, across a restart", async () => {
  const id = await queue(
    "chatty",
    [],
    "echo the head; yes 0123456789012345678901234567890123456789",
  );
  await reached(id, "running");
  await until(() => logOf(id).size > 8 * 1024 ** 2, "the log does not grow");
  await restart();
  const before = logOf(id).size;
  await until(() => logOf(id).size > before + 1024 ** 2, "the job does not go on");
  expect((await show(id))["state"]).toBe("running");
  // What is written between two cuts comes on top for a moment.
  expect(logOf(id).blocks * 512).toBeLessThan(2 * 1024 ** 2);
  expect((await alice.ml(["cancel", `${id}`, "--now"])).code).toBe(0);
  await reached(id, "cancelled");
  const log = await said(["logs", `${id}`]);
  expect(log.slice(0, 50)).toStartWith("the head\n0123456789");
  expect(log.length).toBeLessThan(1024 ** 2 + 1000);
  const marks = log.match(/^fetchml: .*$/gm) ?? [];
  expect(marks.length).toBe(1);
  expect(marks[0]).toMatch(/\((\d+) bytes\) of the log are left out here/);
  expect((await said(["logs", `${id}`, "-n", "1"])).length).toBeLessThan(100);
  expect((await alice.ml(["pull", `${id}`, "--include-log", "-o", "pulled"])).code).toBe(0);
  expect(readFileSync(join(alice.home, `work/pulled/${id}.1.log`), "utf8")).toBe(log);
  const followed = await said(["logs", `${id}`, "-f"]);
  expect(followed.length).toBe(log.length);
  expect(await said(["why", `${id}`])).toContain("It was cancelled by alice.");
  expect(await said(["show", `${id}`])).toContain("was cancelled by alice");
}, 60_000);

test("a job that is silent is warned of, then ended, across a restart", async () => {
  const id = await queue("silent", ["--no-output", "8s"], "echo ready; exec sleep 1000");
  await reached(id, "running");
  await restart();
  await until(async () => (await show(id))["silence"] !== undefined, "there is no warning");
  expect(await said(["why", `${id}`])).toMatch(
    /It has written nothing for \d+s; when that has lasted 8s it is ended\./,
  );
  expect(await said(["show", `${id}`])).toMatch(/Warning +nothing written for \d+s/);
  await reached(id, "failed");
  expect((await show(id))["outcome"]).toEqual({ kind: "no-output", silent_ms: 8000 });
  expect(await said(["why", `${id}`])).toContain("It was ended because it wrote nothing for 8s.");
  expect(await said(["show", `${id}`])).toContain("was ended because it wrote nothing for 8s");
}, 60_000);

test("a job that fills its part of the disk is ended, and told of with what it took, across a restart", async () => {
  const id = await queue(
    "greedy",
    [],
    'echo ready; until [ -e "$HOME/go" ]; do sleep 0.1; done; head -c 6000000 /dev/zero > "$ML_OUTPUT_DIR/a"; exec sleep 1000',
  );
  await reached(id, "running");
  await restart();
  writeFileSync(join(box.dataDir, "homes/alice/go"), "");
  await reached(id, "failed");
  const { outcome } = await show(id);
  expect(outcome).toMatchObject({ kind: "disk-full", path: "outputs", limit_bytes: 4_194_304 });
  expect(await said(["why", `${id}`])).toContain("most of it in outputs, and may take 4 MiB.");
  expect(await said(["show", `${id}`])).toContain("most of it in outputs, and may take 4 MiB");
}, 60_000);

test("a job over its time is ended, also where that has passed while no server ran", async () => {
  const id = await queue("long", ["--timeout", "3s"], "exec sleep 1000");
  await reached(id, "running");
  await box.stop("SIGKILL");
  const job = join(box.dataDir, `attempts/${id}.1/control/exit`);
  await until(() => statSync(job).size > 0, "the job does not end without a server");
  await box.start();
  await reached(id, "timed-out");
  expect(await said(["why", `${id}`])).toContain("It ran out of its time of 3s and was ended.");
}, 60_000);

test("no job gets more time than the admin gives, and SIGHUP changes what that is", async () => {
  const { code, stderr } = await alice.ml(["queue", "x", "--timeout", "2h", "--", "true"]);
  expect(code).toBe(5);
  expect(stderr).toContain("no job of this box may for more than 1h");
  const id = await queue("y", ["--hold"], "true");
  expect((await show(id))["timeout_ms"]).toBe(3_600_000);
  writeFileSync(join(box.folder, "config.toml"), CONFIG.replace("1h", "30m"));
  process.kill(box.pid, "SIGHUP");
  await until(() => box.log.includes('"changed":["guards"]'), "the settings are not taken");
  expect((await alice.ml(["release", `${id}`])).code).toBe(0);
  await reached(id, "succeeded");
  expect((await show(id))["timeout_ms"]).toBe(1_800_000);
}, 60_000);
