// An attempt for whose files the disk has no room holds nothing while it waits.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { localOptions } from "../executor/local/local-executor.fixture.ts";
import { createLocalExecutor } from "../executor/local/local-executor.ts";
import { cancelJobs } from "../queue/cancel.ts";
import { claimJobs } from "../queue/claim.ts";
import { explainJob } from "../queue/why.ts";
import { silentLog } from "../telemetry/log.ts";
import { schedulerSubject, type SchedulerSubject } from "./scheduler.fixture.ts";
import { Scheduler } from "./scheduler.ts";

let subject: SchedulerSubject;
/** Whether the disk is full when files are laid out for the n-th time, from 1. */
let isFull: (time: number) => boolean;
let checkouts: number;

beforeEach(async () => {
  checkouts = 0;
  isFull = () => true;
  subject = await schedulerSubject();
});
afterEach(() => subject.close());

async function withFullDisk(work: () => Promise<void>): Promise<void> {
  const executor = createLocalExecutor({
    ...localOptions(subject.local.dataDir),
    checkout: () => {
      checkouts += 1;
      return isFull(checkouts)
        ? Promise.reject(new FetchmlError("disk-full", "Cannot lay out the project: no room."))
        : Promise.resolve();
    },
  });
  const scheduler = new Scheduler({ queue: subject.queue, executor, log: silentLog });
  await scheduler.start();
  try {
    await work();
  } finally {
    await scheduler.stop();
    await executor.close();
  }
}

const whyOf = async (id: number) =>
  (await explainJob(subject.queue, subject.alice, String(id))).lines.join("\n");

test("it is given back, says why, and others run meanwhile", async () => {
  isFull = (time) => time === 1;
  await withFullDisk(async () => {
    const id = await subject.submit("true");
    await givenBack(id);
    expect(await whyOf(id)).toContain("Cannot lay out the project: no room.\nIt is tried again in");
    const others = [await subject.submit("true"), await subject.submit("true")];
    for (const other of others) await subject.reached(other, "succeeded");
    expect(subject.job(id)).toMatchObject({ state: "queued", reason: "disk", attempt: 0 });
  });
});

test("so is one that an earlier server has claimed and not begun", async () => {
  const id = await subject.submit("true");
  await claimJobs(subject.queue);
  expect(subject.job(id).state).toBe("starting");
  await withFullDisk(() => givenBack(id));
});

test("one that is cancelled while it waits ends at once", async () => {
  await withFullDisk(async () => {
    const id = await subject.submit("true");
    await givenBack(id);
    await cancelJobs(subject.queue, subject.alice, { jobs: [String(id)], graceMs: 0 });
    expect(subject.job(id).state).toBe("cancelled");
  });
});

/** Resolves when the job waits for the disk. */
async function givenBack(id: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (subject.job(id).reason !== "disk") {
    if (Date.now() > deadline) throw new Error(`job ${id} is ${subject.job(id).state}`);
    await Bun.sleep(5);
  }
}
