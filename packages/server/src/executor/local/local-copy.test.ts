// A copy of a data folder names processes of the original: its executor leaves them alone.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import { observeOne, ready, shellSpec } from "../attempt.fixture.ts";
import type { Executor } from "../executor.ts";
import { readJob, readSupervisor } from "./attempt-records.ts";
import { bootId } from "./boot.ts";
import { writeControl } from "./control-files.ts";
import { createLocalExecutor } from "./local-executor.ts";
import { localOptions, localSubject, type LocalSubject } from "./local-executor.fixture.ts";
import { isAlive } from "./process-identity.ts";

let subject: LocalSubject;
let copy: Executor;
let copied: string;
const spec = shellSpec("trap 'echo asked' TERM; echo ready; while :; do sleep 0.05; done");
const stillRuns = () => isAlive(readJob(subject.control(spec)) ?? { pid: 0, startTicks: 0 });

beforeEach(async () => {
  subject = await localSubject();
  await subject.executor.start(spec);
  await ready(subject, spec);
});

afterEach(async () => {
  await copy.close();
  rmSync(copied, { recursive: true, force: true });
  await subject.close();
});

/** An executor of a copy of the data folder as it is now. */
function openCopy(): void {
  copied = `${subject.dataDir}-copy`;
  expect(Bun.spawnSync(["cp", "-a", subject.dataDir, copied]).success).toBe(true);
  copy = createLocalExecutor(localOptions(copied));
}

test("what runs is lost in the copy, which says why, and runs on", async () => {
  openCopy();
  expect(await copy.alive()).toEqual([]);
  expect(await observeOne(copy, spec)).toMatchObject({
    kind: "ended",
    outcome: { kind: "lost", message: expect.stringContaining("was copied") },
  });
  expect(stillRuns()).toBe(true);
  expect(await observeOne(subject.executor, spec)).toMatchObject({ kind: "running" });
});

test("cancel() and setTimeout() of the copy reach no process, whether or not it has looked before", async () => {
  openCopy();
  await copy.cancel(spec, 0);
  await copy.setTimeout(spec, 1);
  expect(await observeOne(copy, spec)).toMatchObject({ outcome: { kind: "lost" } });
  await copy.cancel(spec, 0);
  expect(stillRuns()).toBe(true);
  expect(await subject.log(spec)).toBe("ready\n");
});

test("a cancel that was on disk and not sent is sent by the original alone", async () => {
  writeControl(subject.control(spec), "cancel", "99999999999");
  openCopy();
  await observeOne(copy, spec);
  expect(await subject.log(spec)).toBe("ready\n");
  expect(stillRuns()).toBe(true);
});

test("a claim whose line was not copied yet costs the original nothing", async () => {
  openCopy();
  writeFileSync(join(attemptFolder(copied, spec).control, "supervisor"), "");
  expect(await observeOne(copy, spec)).toMatchObject({ outcome: { kind: "lost" } });
  expect(stillRuns()).toBe(true);
});

test("an attempt that an earlier release has begun, which wrote the boot alone, is adopted", async () => {
  const control = subject.control(spec);
  const { pid, startTicks, began } = readSupervisor(control) ?? { pid: 0, startTicks: 0, began: 0 };
  writeControl(control, "supervisor", `${pid} ${startTicks} ${bootId()} ${began}`);
  expect(await observeOne(subject.another(), spec)).toMatchObject({ kind: "running" });
  openCopy();
});
