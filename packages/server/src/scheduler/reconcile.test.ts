// What was read of the store before the executor was asked is not acted upon when it is over.
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Executor } from "../executor/executor.ts";
import { claimJobs } from "../queue/claim.ts";
import { giveBack } from "../queue/give-back.ts";
import { silentLog } from "../telemetry/log.ts";
import { reconcile } from "./reconcile.ts";
import { schedulerSubject, type SchedulerSubject } from "./scheduler.fixture.ts";

let subject: SchedulerSubject;
beforeEach(async () => {
  subject = await schedulerSubject();
});
afterEach(() => subject.close());

/** The attempts that are started, where something happens while the executor is asked. */
async function startedBy(meanwhile: () => Promise<void>): Promise<readonly number[]> {
  const { queue, local } = subject;
  const { executor } = local;
  const observe: Executor["observe"] = async (attempts) => {
    const seen = await executor.observe(attempts);
    await meanwhile();
    return seen;
  };
  const started: number[] = [];
  await reconcile({
    queue,
    executor: {
      observe,
      start: (spec) => executor.start(spec),
      cancel: (attempt, graceMs) => executor.cancel(attempt, graceMs),
      setTimeout: (attempt, timeoutMs) => executor.setTimeout(attempt, timeoutMs),
      alive: () => executor.alive(),
      silence: (attempt) => executor.silence(attempt),
      capacity: () => executor.capacity(),
      onChange: (listener) => executor.onChange(listener),
      close: () => executor.close(),
    },
    log: silentLog,
    isBeingStarted: () => false,
    start: ({ jobId }) => {
      started.push(jobId);
      return Promise.resolve();
    },
  });
  return started;
}

test("reconcile() starts a claim whose start got lost, and not one that is given back meanwhile", async () => {
  const [kept, given] = [await subject.submit("true"), await subject.submit("true")];
  expect(await claimJobs(subject.queue)).toHaveLength(2);
  const started = await startedBy(() =>
    giveBack(subject.queue, { jobId: given, attempt: 1 }, "no room"),
  );
  expect(started).toEqual([kept]);
  expect(subject.job(given)).toMatchObject({ state: "queued", attempt: 0 });
});
