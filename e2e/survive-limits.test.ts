// A server that gets no more open files or processes: what runs is left alone, what is new waits or is told, and all recovers.
import { afterEach, beforeEach, expect } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Box, FETCHML, until, type Person } from "./box.ts";
import { needsMount } from "./small-disk.ts";

/** Limits on the number of processes hold for no process of root. */
const UID = 61_234;
const DROP = ["setpriv", `--reuid=${UID}`, `--regid=${UID}`, "--clear-groups"];
const test = needsMount("prlimit", "setpriv");

const HOOK_MS = 30_000;

let box: Box;
let alice: Person;
let gate: string;

beforeEach(async () => {
  if (process.getuid?.() !== 0) return;
  const folder = mkdtempSync(join(tmpdir(), "fetchml-limits-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "data"), { mode: 0o700 });
  chownSync(join(folder, "data"), UID, UID);

  writeFileSync(join(folder, "config.toml"), "cpus = 4\n");
  box = new Box(folder, { hasConfig: true, sandbox: "none", program: [...DROP, FETCHML] });
  await box.start();
  alice = await box.addPerson("alice");
  gate = join(folder, "gate");
  const script = `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; echo done; exit 7`;
  expect((await alice.ml(["queue", "long", "--", "sh", "-c", script])).code).toBe(0);
  await until(async () => (await alice.ml(["logs", "long"])).stdout !== "", "it does not begin");
}, HOOK_MS);

afterEach(async () => {
  if (process.getuid?.() !== 0) return;
  await box.close();
}, HOOK_MS);

function limit(what: "nofile" | "nproc", most: number | string): void {
  const command = [...DROP, "prlimit", `--pid=${box.pid}`, `--${what}=${most}`];
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(stderr.toString());
}

/** The soft limit alone, so that it can be raised again. */
const limitSoft = (what: "nofile" | "nproc", most: number) => limit(what, `${most}:`);

const softLimit = (name: string) => {
  const line = readFileSync(`/proc/${box.pid}/limits`, "utf8")
    .split("\n")
    .find((each) => each.startsWith(name));
  return Number(/\d+/.exec(line ?? "")?.[0] ?? 10_000);
};

const shown = async (id: string) => JSON.parse((await alice.ml(["show", id, "--json"])).stdout);

async function expectUntouched(): Promise<void> {
  expect(await shown("1")).toMatchObject({ state: "running", attempt: 1 });
  writeFileSync(gate, "");
  expect((await alice.ml(["wait", "1"])).code).toBe(7);
  expect((await alice.ml(["logs", "1"])).stdout).toBe("begun\ndone\n");
}

test("without open files left, callers wait or are told, and are served when there are some again", async () => {
  const { pid } = box;
  limitSoft("nofile", readdirSync(`/proc/${pid}/fd`).length);
  const asked = await Promise.all([
    alice.ml(["status"]),
    Bun.sleep(3_000).then(() => {
      limitSoft("nofile", 1024);
      return null;
    }),
  ]);
  // Either it waited in the backlog, or it was told that nobody answers.
  expect([0, 4]).toContain(asked[0]?.code ?? -1);
  expect(box.pid).toBe(pid);
  await until(async () => (await alice.ml(["status"])).code === 0, "it does not recover");
  expect((await alice.ml(["run", "again", "--", "echo", "works"])).stdout).toBe("works\n");
  await expectUntouched();
}, 90_000);

test("a start that finds no process left is no end of the job: it is tried again", async () => {
  // The account has more than one already, so that the next is one too many.
  const before = softLimit("Max processes");
  limitSoft("nproc", 1);
  expect((await alice.ml(["queue", "next", "--", "echo", "works"])).code).toBe(0);
  await until(() => box.log.includes("attempt-unknown"), "nothing is said of the start");
  expect(await shown("2")).toMatchObject({ state: "starting", attempt: 1 });
  limitSoft("nproc", before);
  expect((await alice.ml(["wait", "2"])).code).toBe(0);
  expect((await alice.ml(["logs", "2"])).stdout).toBe("works\n");
  expect((await shown("2")).attempts).toHaveLength(1);
  await expectUntouched();
}, 90_000);
