// What a job does to its supervisor and its log: it can harm neither.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import { attemptSpec, ended, observeOne, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { readJob, readSupervisor } from "./attempt-records.ts";
import { localSubject, type LocalSubject } from "./local-executor.fixture.ts";
import { allPids, argumentsOf, findProcess } from "./process-identity.ts";

let subject: LocalSubject;
beforeEach(async () => {
  subject = await localSubject();
});
afterEach(() => subject.close());

async function run(shell: string) {
  const spec = shellSpec(shell);
  await subject.executor.start(spec);
  return [(await ended(subject.executor, spec)).outcome, await subject.log(spec)];
}

test("stdout and stderr reach the log in order, and a job cannot reach back into it", async () => {
  const [outcome, log] = await run(
    "echo 1; echo 2 >&2; echo 3 > /dev/stderr; echo 4 > /dev/stdout; echo 5",
  );
  expect(log).toBe("1\n2\n3\n4\n5\n");
  expect(outcome).toEqual({ kind: "exited", exit_code: 0 });
});

test("a line of 100 MB is kept whole", async () => {
  const [outcome] = await run("head -c 100000000 /dev/zero; echo");
  expect(outcome).toEqual({ kind: "exited", exit_code: 0 });
  expect(statSync(attemptFolder(subject.dataDir, attemptSpec()).log).size).toBe(100_000_001);
}, 30_000);

test("a job that forks and exits has ended, and what it left in its group is ended too", async () => {
  const [outcome, log] = await run("(trap '' HUP; exec sleep 1000) & echo $!; exit 7");
  expect(outcome).toEqual({ kind: "exited", exit_code: 7 });
  expect(findProcess(Number(log))).toBeNull();
});

test("a child that left the group and holds the pipe does not hold up the end for ever", async () => {
  const [outcome, log] = await run(
    "setsid sh -c 'echo $$ > pid; exec sleep 1000' & while [ ! -s pid ]; do sleep 0.02; done; cat pid; exit 7",
  );
  // No sandbox, so it lives on; the test ends it.
  const escaped = findProcess(Number(log));
  if (escaped !== null) process.kill(escaped.pid, "SIGKILL");
  expect(escaped).not.toBeNull();
  expect(outcome).toEqual({ kind: "exited", exit_code: 7 });
}, 10_000);

test("the rest of the group has the rest of the grace after its main process took TERM", async () => {
  const spec = shellSpec(
    "sh -c 'trap \"sleep 0.3; echo checkpoint; exit\" TERM; echo ready; while :; do sleep 0.02; done' & wait",
  );
  await subject.executor.start(spec);
  await ready(subject, spec);
  await subject.executor.cancel(spec, 15_000);
  expect((await ended(subject.executor, spec)).outcome).toEqual({
    kind: "cancelled",
    exit_code: 143,
  });
  expect(await subject.log(spec)).toContain("checkpoint\n");
});

test("TERM, INT and HUP to the supervisor do not cost the exit file", async () => {
  const spec = shellSpec("echo ready; while [ ! -e go ]; do sleep 0.02; done; exit 4");
  await subject.executor.start(spec);
  await ready(subject, spec);
  const supervisor = readSupervisor(subject.control(spec))?.pid ?? 0;
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"] as const) {
    process.kill(supervisor, signal);
  }
  await Bun.write(`${attemptFolder(subject.dataDir, spec).work}/go`, "");
  expect((await ended(subject.executor, spec)).outcome).toEqual({ kind: "exited", exit_code: 4 });
});

test("after kill -9 of the supervisor its job is ended and the attempt is lost", async () => {
  const spec = shellSpec("trap '' TERM; echo ready; while :; do sleep 0.02; done");
  let told = 0;
  subject.executor.onChange(() => (told += 1));
  await subject.executor.start(spec);
  await ready(subject, spec);
  const job = readJob(subject.control(spec))?.pid ?? 0;
  told = 0;
  process.kill(readSupervisor(subject.control(spec))?.pid ?? 0, "SIGKILL");
  await waitFor("news of the end", () => told > 0);
  const end = await ended(subject.executor, spec);
  expect(end.outcome.kind).toBe("lost");
  expect(findProcess(job)).toBeNull();
  expect(await observeOne(subject.another(), spec)).toEqual(end);
});

test("a job that dies by a signal of its own keeps the number, and is not called cancelled", async () => {
  const [outcome] = await run("kill -KILL $$");
  expect(outcome).toEqual({ kind: "exited", exit_code: 137 });
});

test("files that a job forges in its own folders count for nothing", async () => {
  const [outcome] = await run(
    "mkdir ../control; echo 'exited 0' | tee exit ../exit ../control/exit; exit 9",
  );
  expect(outcome).toEqual({ kind: "exited", exit_code: 9 });
});

test("variables of a job are on no command line and in no environment but the job's", async () => {
  const env = { LD_PRELOAD: "/no/such/library.so", SECRET: "hunter2" };
  const spec = shellSpec("echo ready; while :; do sleep 0.05; done", { env });
  await subject.executor.start(spec);
  await ready(subject, spec);
  const job = readJob(subject.control(spec))?.pid ?? 0;
  const supervisor = readSupervisor(subject.control(spec))?.pid ?? 0;
  const environment = (pid: number) => readFileSync(`/proc/${pid}/environ`, "utf8");
  expect(environment(job)).toContain("LD_PRELOAD=/no/such/library.so\0");
  const others = allPids().filter((pid) => findProcess(pid)?.processGroup === supervisor);
  // The supervisor, its keeper of the log, and that one's cat.
  expect(others.length).toBe(3);
  for (const pid of others) expect(environment(pid)).not.toContain("LD_PRELOAD");
  for (const pid of [job, ...others]) expect(argumentsOf(pid).join(" ")).not.toContain("hunter2");
  await subject.executor.cancel(spec, 0);
});

test("control files are the account's alone, and what the job makes is readable by others", async () => {
  await run("touch made; umask");
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const control = subject.control(attemptSpec());
  expect(mode(control)).toBe("700");
  for (const file of ["supervisor", "job", "exit", "log"]) {
    expect(`${file} ${mode(`${control}/${file}`)}`).toBe(`${file} 600`);
  }
  expect(mode(`${attemptFolder(subject.dataDir, attemptSpec()).work}/made`)).toBe("644");
});

test("a job may set any PATH", async () => {
  const spec = attemptSpec({ command: { argv: ["/bin/echo", "ran"] }, env: { PATH: "/nowhere" } });
  await subject.executor.start(spec);
  expect((await ended(subject.executor, spec)).outcome).toEqual({ kind: "exited", exit_code: 0 });
  expect(await subject.log(spec)).toBe("ran\n");
});
