// What cgroups do for attempts, with real ones: run in a machine that has them by e2e/cgroup-vm.test.ts.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ended, observeOne, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { testEscape } from "../escape/escape.conformance.ts";
import { HOSTILE_JOBS } from "../escape/hostile-jobs.ts";
import { HUNGRY_JOBS } from "../escape/hungry-jobs.ts";
import { readSupervisor } from "../local/attempt-records.ts";
import {
  type LocalSubject,
  localSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { allPids, findProcess } from "../local/process-identity.ts";
import { cgroupOf } from "./attempt-cgroup.ts";
import { claimCgroups } from "./delegation.ts";

const plan = claimCgroups(null);
if (plan.kind === "absent") throw new Error(plan.why);
const cgroups = plan.attempts;
const isSlow = process.env["FETCHML_CGROUP_VM"] === "tcg";

afterAll(() =>
  expect(
    readdirSync(cgroups, { withFileTypes: true }).filter((each) => each.isDirectory()),
  ).toEqual([]),
);

test("the server is in a part of its own, and a server after it finds the same cgroups", () => {
  const own = readFileSync("/proc/self/cgroup", "utf8").trim();
  expect(basename(own)).toBe("server");
  expect(plan.controllers.toSorted()).toEqual(["cpu", "memory", "pids"]);
  expect(claimCgroups(1_500_000_000)).toEqual(plan);
  expect(readFileSync(join(cgroups, "memory.max"), "utf8")).toMatch(/^1(499|500)\d{6}\n$/);
  expect(claimCgroups(null)).toEqual(plan);
  expect(readFileSync(join(cgroups, "memory.max"), "utf8")).toBe("max\n");
});

// A machine without KVM takes ten times as long: there only the walls that cgroups are by themselves, and what tells most.
const sandboxes = (await offeredSandboxes()).filter(({ kind }) => !isSlow || kind === "none");

describe.each(sandboxes)("sandbox $kind", (sandbox) => {
  let subject: LocalSubject;
  beforeEach(async () => {
    subject = await localSubject({ sandbox, cgroups });
  });
  afterEach(() => subject.close());

  const staying =
    "setsid sh -c \"trap '' TERM; exec env -i sleep 98765\" & echo ready; exec sleep 1000";
  const stayed = () =>
    allPids().filter(
      (pid) => findProcess(pid) !== null && read(`/proc/${pid}/cmdline`) === "sleep\x0098765\0",
    );
  const limit = (file: string) =>
    read(join(cgroupOf(subject.control(shellSpec(""))) ?? "", file)).trim();

  test("a job has the limits that it asked for, and they are set again after a restart", async () => {
    const spec = shellSpec("echo ready; exec sleep 1000", { memBytes: 2 ** 28, cpus: 3 });
    await subject.executor.start(spec);
    await ready(subject, spec);
    const folder = cgroupOf(subject.control(spec)) ?? "";
    const limits = () =>
      ["memory.max", "memory.oom.group", "pids.max", "cpu.weight"].map((file) => limit(file));
    const asked = [String(2 ** 28), "1", "32768", "300"];
    expect(limits()).toEqual(asked);
    for (const file of ["memory.max", "pids.max"]) writeFileSync(join(folder, file), "max");
    await subject.executor.close();
    const another = subject.another();
    expect(await observeOne(another, spec)).toMatchObject({ kind: "running" });
    expect(limits()).toEqual(asked);
    await another.cancel(spec, 0);
    await ended(another, spec);
    expect(existsSync(folder)).toBe(false);
  });

  test("a job without a size has no limit of memory", async () => {
    const spec = shellSpec("echo ready; exec sleep 1000");
    await subject.executor.start(spec);
    await ready(subject, spec);
    expect([limit("memory.max"), limit("cpu.weight")]).toEqual(["max", "100"]);
    await subject.executor.cancel(spec, 0);
    await ended(subject.executor, spec);
  });

  test("a job over its memory is told as host-oom, with its limit and its peak", async () => {
    const spec = shellSpec("python3 -c 'x = [b\"x\" * 2 ** 20 for _ in range(500)]'", {
      memBytes: 2 ** 26,
    });
    await subject.executor.start(spec);
    const { outcome } = await ended(subject.executor, spec);
    expect(outcome).toMatchObject({ kind: "host-oom", limit_bytes: 2 ** 26 });
    const peak = outcome.kind === "host-oom" ? (outcome.peak_bytes ?? 0) : 0;
    expect(peak).toBeGreaterThan(2 ** 25);
    expect(peak).toBeLessThanOrEqual(2 ** 26);
  });

  test("the most memory that all of a job used is told with its end, whoever kills its supervisor", async () => {
    const two =
      "for i in 1 2; do python3 -c 'import time; x = bytearray(60 << 20); time.sleep(1000)' & done";
    const spec = shellSpec(`${two}; echo ready; wait`);
    await subject.executor.start(spec);
    await ready(subject, spec);
    await waitFor("their memory", () => Number(limit("memory.peak")) > 120 * 2 ** 20);
    process.kill(readSupervisor(subject.control(spec))?.pid ?? 0, "SIGKILL");
    const { outcome, peak } = await ended(subject.executor, spec);
    expect([outcome.kind, peak?.peak_mem_of]).toEqual(["lost", "attempt"]);
    expect(peak?.peak_mem_bytes).toBeGreaterThan(120 * 2 ** 20);
    const next = shellSpec("exec python3 -c 'x = bytearray(60 << 20)'", { attempt: 3 });
    await subject.executor.start(next);
    const { peak: second } = await ended(subject.executor, next);
    expect(second?.peak_mem_of).toBe("attempt");
    expect(second?.peak_mem_bytes).toBeGreaterThan(60 * 2 ** 20);
    expect(second?.peak_mem_bytes).toBeLessThan(120 * 2 ** 20);
  });

  test("a job that others share the box with, and that fails by itself, is no host-oom", async () => {
    const spec = shellSpec("kill -9 $$", { memBytes: 2 ** 26 });
    await subject.executor.start(spec);
    expect((await ended(subject.executor, spec)).outcome).toEqual({
      kind: "exited",
      exit_code: 137,
    });
  });

  test("after kill -9 of its supervisor all of a job is ended, and its cgroup is gone", async () => {
    const spec = shellSpec(staying);
    await subject.executor.start(spec);
    await ready(subject, spec);
    await waitFor("the daemon", () => stayed().length === 1);
    const folder = cgroupOf(subject.control(spec)) ?? "";
    process.kill(readSupervisor(subject.control(spec))?.pid ?? 0, "SIGKILL");
    expect((await ended(subject.executor, spec)).outcome.kind).toBe("lost");
    expect(stayed()).toEqual([]);
    await waitFor("the end of its cgroup", () => !existsSync(folder));
  });

  test("what ended while no server ran is removed by the next one", async () => {
    const spec = shellSpec("echo ready; while [ ! -e go ]; do sleep 0.1; done");
    await subject.executor.start(spec);
    await ready(subject, spec);
    const folder = cgroupOf(subject.control(spec)) ?? "";
    await subject.executor.close();
    writeFileSync(join(subject.dataDir, "attempts/12.2/job/work/go"), "");
    await waitFor("the end", () => read(join(subject.control(spec), "exit")) !== "");
    expect(existsSync(folder)).toBe(true);
    subject.another();
    expect(existsSync(folder)).toBe(false);
  });

  describe("hostile jobs", () => {
    const kind = sandbox.kind === "none" ? "cgroup" : sandbox.kind;
    const jobs = [...HUNGRY_JOBS, ...HOSTILE_JOBS].filter(({ heldBy }) => heldBy.includes(kind));
    const held = isSlow ? jobs.filter(({ tries }) => MOST_TELLING.test(tries)) : jobs;
    testEscape(held, { sandbox, cgroups });
  });
});

const MOST_TELLING = /daemon|double fork|after a cancel|a fork bomb|its cgroup/;

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
