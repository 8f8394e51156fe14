// An attempt that was claimed, and whose job was cancelled before it was started, never runs, whatever dies in between.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ended, observeOne } from "../executor/attempt.fixture.ts";
import { placeOf } from "../executor/local/boot.ts";
import { createControl } from "../executor/local/control-files.ts";
import { localOptions } from "../executor/local/local-executor.fixture.ts";
import { createLocalExecutor } from "../executor/local/local-executor.ts";
import { installShellPrograms } from "../executor/local/shell-programs.ts";
import { spawnSupervisor } from "../executor/local/supervisor-processes.ts";
import { createVariablesFile } from "../executor/local/variables-file.ts";
import { cancelJobs } from "../queue/cancel.ts";
import { claimJobs } from "../queue/claim.ts";
import { schedulerSubject, type SchedulerSubject } from "./scheduler.fixture.ts";

let subject: SchedulerSubject;
let ran: string;
let id: number;
let control: string;
beforeEach(async () => {
  subject = await schedulerSubject();
  ran = join(subject.local.dataDir, "ran");
  id = await subject.submit(`touch '${ran}'`);
  control = subject.local.control({ jobId: id, attempt: 1 });
});
afterEach(() => subject.close());

const claim = () => claimJobs(subject.queue);
const cancel = () =>
  cancelJobs(subject.queue, subject.alice, { jobs: [String(id)], graceMs: 15_000 });

/** Another server comes, and one after it: the job is cancelled, and has not run. */
async function expectNeverStarted(): Promise<void> {
  for (let server = 0; server < 2; server += 1) {
    const scheduler = await subject.start();
    const { outcome } = await subject.reached(id, "cancelled");
    expect(outcome).toEqual({ kind: "cancelled", by: "alice", exit_code: null });
    await scheduler.stop();
  }
  expect(await subject.local.executor.alive()).toEqual([]);
  expect(existsSync(join(control, "log"))).toBe(false);
  expect(existsSync(ran)).toBe(false);
}

test("the server dies after the claim, before it has done anything", async () => {
  await claim();
  await cancel();
  await expectNeverStarted();
});

test.each(["none cancelled -", "none"])(
  "the server dies after it has taken the place of the supervisor, before it has written the end: %j",
  async (text) => {
    await claim();
    await cancel();
    mkdirSync(control, { recursive: true });
    createControl(control, "supervisor", text);
    await expectNeverStarted();
  },
);

test("the server dies after it has written the end, before it has recorded it", async () => {
  const [spec] = await claim();
  if (spec === undefined) throw new Error("nothing was claimed");
  await cancel();
  await subject.local.executor.cancel(spec, 15_000);
  // Whoever still starts it, as that server may have been about to.
  await subject.local.executor.start(spec);
  await expectNeverStarted();
});

test("the server stands still while it lays out the files, and comes back to them when all is over", async () => {
  const [spec] = await claim();
  if (spec === undefined) throw new Error("nothing was claimed");
  const laidOut = Promise.withResolvers<void>();
  const executor = createLocalExecutor({
    ...localOptions(subject.local.dataDir),
    checkout: () => laidOut.promise,
  });
  const started = executor.start({ ...spec, snapshot: "5".repeat(64) });
  await cancel();
  await expectNeverStarted();
  laidOut.resolve();
  await started;
  await executor.close();
  await expectNeverStarted();
});

describe("a supervisor that the dead server has started comes late", () => {
  /** One that has yet to claim the attempt when this is called. */
  function supervise(): Promise<unknown> {
    const { dataDir } = subject.local;
    mkdirSync(control, { recursive: true });
    const programs = installShellPrograms(dataDir);
    const variables = createVariablesFile(control, { text: "", hasSecrets: false });
    try {
      return spawnSupervisor(programs, {
        control,
        place: placeOf(dataDir),
        maxLogBytes: null,
        launch: [
          programs["launch-plain.sh"],
          "",
          dataDir,
          dataDir,
          "/usr/bin/setsid",
          "touch",
          ran,
        ],
        variables: variables.fd,
        path: "/usr/bin:/bin",
      });
    } finally {
      variables.close();
    }
  }

  test("and would run the job, were that not cancelled", async () => {
    await supervise();
    expect(await Bun.file(join(control, "exit")).text()).toBe("exited 0\n");
    expect(existsSync(ran)).toBe(true);
    await subject.start();
    await subject.reached(id, "succeeded");
  }, 30_000);

  test("after the next one has looked", async () => {
    const [spec] = await claim();
    if (spec === undefined) throw new Error("nothing was claimed");
    await cancel();
    mkdirSync(control, { recursive: true });
    createControl(control, "supervisor", "none cancelled -");
    expect((await observeOne(subject.local.executor, spec)).kind).toBe("ended");
    await supervise();
    expect((await ended(subject.local.executor, spec)).outcome.kind).toBe("cancelled");
    await expectNeverStarted();
  });

  test("before the next one has looked", async () => {
    await claim();
    await cancel();
    mkdirSync(control, { recursive: true });
    createControl(control, "supervisor", "none cancelled -");
    await supervise();
    await expectNeverStarted();
  });

  test("to a cancel that is on disk already", async () => {
    await claim();
    await cancel();
    mkdirSync(control, { recursive: true });
    writeFileSync(join(control, "cancel"), "99999999999\n");
    await supervise();
    await subject.start();
    expect((await subject.reached(id, "cancelled")).outcome).toMatchObject({ by: "alice" });
    expect(existsSync(ran)).toBe(false);
  });
});
