// Attempts go on while no server runs, and a restart at any point finds the truth.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptSpec, ended, observeOne, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { readJob, readSupervisor } from "./attempt-records.ts";
import { bootId } from "./boot.ts";
import { writeControl } from "./control-files.ts";
import { localSubject, type LocalSubject } from "./local-executor.fixture.ts";
import { findProcess } from "./process-identity.ts";

let subject: LocalSubject;
beforeEach(async () => {
  subject = await localSubject();
});
afterEach(() => subject.close());

/** Starts an attempt from a server process of its own, and kills that as soon as the attempt runs. */
async function startByKilledServer(shell: string, timeoutMs: number | null = null) {
  const spec = shellSpec(shell, { timeoutMs });
  const server = Bun.spawn({
    cmd: [process.execPath, join(import.meta.dir, "start-attempt-process.fixture.ts")],
    env: { DATA_DIR: subject.dataDir, COMMAND: shell, TIMEOUT_MS: `${timeoutMs ?? ""}` },
    stdio: ["ignore", "ignore", "inherit"],
  });
  await waitFor("the attempt", () => readJob(subject.control(spec)));
  server.kill("SIGKILL");
  await server.exited;
  return spec;
}

describe("with the server killed by kill -9", () => {
  test("a job ends as it would, and its outcome and log are found afterwards", async () => {
    const spec = await startByKilledServer("sleep 0.3; echo done; exit 3");
    expect((await ended(subject.executor, spec)).outcome).toEqual({ kind: "exited", exit_code: 3 });
    expect(await subject.log(spec)).toBe("done\n");
  });

  test("a running job is found alive, is not started again, and its end is told of", async () => {
    const spec = await startByKilledServer("echo ready; exec sleep 1000");
    await ready(subject, spec);
    await subject.executor.start(spec);
    let told = 0;
    subject.executor.onChange(() => (told += 1));
    await subject.executor.cancel(spec, 15_000);
    await waitFor("news of the end", () => told > 0);
    expect((await ended(subject.executor, spec)).outcome).toEqual({
      kind: "cancelled",
      exit_code: 143,
    });
  });

  test("the time limit holds while no server runs", async () => {
    const spec = await startByKilledServer("sleep 1000", 400);
    await waitFor("the end of the job", () => {
      const job = readJob(subject.control(spec));
      return job !== null && findProcess(job.pid) === null;
    });
    expect((await ended(subject.executor, spec)).outcome).toEqual({
      kind: "timed-out",
      timeout_ms: 400,
    });
  });
});

test("the grace of a cancel holds while no server runs", async () => {
  const spec = shellSpec("trap '' TERM; echo ready; while :; do sleep 0.02; done");
  await subject.executor.start(spec);
  await ready(subject, spec);
  await subject.executor.cancel(spec, 300);
  await subject.executor.close();
  const job = readJob(subject.control(spec))?.pid ?? 0;
  await waitFor("the end of the job", () => findProcess(job) === null);
  expect((await ended(subject.another(), spec)).outcome).toEqual({
    kind: "cancelled",
    exit_code: 137,
  });
});

test("a cancel that is on disk, whose server died before TERM, is carried out at adoption", async () => {
  const spec = shellSpec("trap 'exit 5' TERM; echo ready; while :; do sleep 0.02; done");
  await subject.executor.start(spec);
  await ready(subject, spec);
  await subject.executor.close();
  writeControl(subject.control(spec), "cancel", "99999999999");
  expect((await ended(subject.another(), spec)).outcome).toEqual({
    kind: "cancelled",
    exit_code: 5,
  });
});

test("a folder that was made before a crash is used, half a folder is made anew", async () => {
  const spec = shellSpec("echo ran");
  mkdirSync(join(subject.control(spec), "..", "unfinished-old", "work"), { recursive: true });
  await subject.executor.start(spec);
  await ended(subject.executor, spec);
  expect(await subject.log(spec)).toBe("ran\n");
  await waitFor(
    "the leftover's removal",
    () => !isThere(join(subject.control(spec), "..", "unfinished-old")),
  );
});

describe("an attempt whose record does not fit the box", () => {
  /** A control folder as a supervisor would have left it. */
  function record(files: Readonly<Record<string, string>>) {
    const control = subject.control(attemptSpec());
    mkdirSync(control, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(control, name), text);
  }
  const observe = () => observeOne(subject.executor, attemptSpec());
  const own = findProcess(process.pid);
  const lost = { kind: "ended", outcome: { kind: "lost" } };

  test("claimed, with no supervisor to be found: lost", async () => {
    record({ supervisor: "" });
    expect(await observe()).toMatchObject(lost);
  });

  test("another start time under the supervisor's pid: lost, and that process is left alone", async () => {
    record({ supervisor: `${process.pid} 1 ${bootId()} 1\n` });
    expect(await observe()).toMatchObject(lost);
  });

  test("its exit file counts before everything else: not lost, whatever became of its supervisor", async () => {
    record({ supervisor: `${process.pid} 1 other-boot 1\n`, exit: "exited 3\n" });
    expect(await observe()).toMatchObject({ outcome: { kind: "exited", exit_code: 3 } });
    record({ supervisor: "" });
    expect(await observe()).toMatchObject({ outcome: { kind: "exited", exit_code: 3 } });
  });

  test("another boot: lost, and no process is touched", async () => {
    const sleeper = Bun.spawn({ cmd: ["sleep", "1000"], detached: true });
    const start = findProcess(sleeper.pid)?.startTicks ?? 0;
    record({
      supervisor: `${process.pid} ${own?.startTicks} other-boot 1\n`,
      job: `${sleeper.pid} ${start}\n`,
    });
    expect(await observe()).toMatchObject(lost);
    expect(findProcess(sleeper.pid)).not.toBeNull();
    sleeper.kill("SIGKILL");
    await sleeper.exited;
  });

  test("the job's pid belongs to another process now: cancel() does not signal it", async () => {
    const sleeper = Bun.spawn({ cmd: ["sleep", "1000"], detached: true });
    record({
      supervisor: `${process.pid} ${own?.startTicks} ${bootId()} 1\n`,
      job: `${sleeper.pid} 1\n`,
    });
    await subject.executor.cancel(attemptSpec(), 0);
    expect(findProcess(sleeper.pid)).not.toBeNull();
    sleeper.kill("SIGKILL");
    await sleeper.exited;
    rmSync(subject.control(attemptSpec()), { recursive: true });
  });

  test.each(["", "exited", "exited 0", "exited 256\n", "exited 0\nx\n", "cancelled\n"])(
    "an exit file that holds %j counts as absent",
    async (text) => {
      record({ exit: text });
      expect(await observe()).toMatchObject({ kind: "unknown" });
    },
  );

  test("it has not begun and nothing runs: unknown, and alive() does not name it", async () => {
    record({ job: "", exit: "" });
    expect(await observe()).toMatchObject({ kind: "unknown" });
    expect(await subject.executor.alive()).toEqual([]);
  });
});

test("a supervisor that nobody knows of is found by alive(), and so is its start", async () => {
  const spec = shellSpec("echo ready; exec sleep 1000");
  await subject.executor.start(spec);
  await ready(subject, spec);
  const supervisor = readSupervisor(subject.control(spec));
  // As in the instant between its claim and its line.
  writeFileSync(join(subject.control(spec), "supervisor"), "");
  expect(await subject.another().alive()).toEqual([{ jobId: 12, attempt: 2 }]);
  expect(await observeOne(subject.another(), spec)).toEqual({ kind: "starting" });
  const { pid, startTicks, place, began } = supervisor ?? {
    pid: 0,
    startTicks: 0,
    place: "",
    began: 0,
  };
  writeControl(subject.control(spec), "supervisor", `${pid} ${startTicks} ${place} ${began}`);
});

function isThere(path: string): boolean {
  return Bun.spawnSync(["test", "-e", path]).success;
}
