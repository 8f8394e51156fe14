// Tests of the admin's bounds: jobs may ask for less, never for more, whenever the admin tightens them.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { DEFAULT_GUARDS, type GuardRules } from "../domain/guard-rules.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { claimJobs } from "./claim.ts";
import type { QueueContext } from "./context.ts";
import { editJob } from "./edit.ts";
import { openTestQueue, submission, type TestQueue } from "./queue.fixture.ts";
import { redoJob } from "./redo.ts";
import { submitJob } from "./submit.ts";

let queue: TestQueue;
let alice: KeyHolder;
let rules: GuardRules;
let ctx: QueueContext;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  rules = DEFAULT_GUARDS;
  ctx = { ...queue, guards: () => rules };
});
afterEach(() => queue.close());

const HOUR = 3_600_000;

async function timeOf(asked: number | null): Promise<number | null> {
  return (await submitJob(ctx, alice, submission({ timeout_ms: asked }))).job.timeout_ms;
}

describe("the wall time of a job", () => {
  test("is what it asks for where the admin says nothing", async () => {
    expect([await timeOf(null), await timeOf(HOUR)]).toEqual([null, HOUR]);
  });

  test("is the default where it asks for none, and the most there is where that is less", async () => {
    rules = { ...rules, defaultTimeMs: 2 * HOUR };
    expect([await timeOf(null), await timeOf(HOUR), await timeOf(9 * HOUR)]).toEqual([
      2 * HOUR,
      HOUR,
      9 * HOUR,
    ]);
    rules = { ...rules, maxTimeMs: HOUR };
    expect(await timeOf(null)).toBe(HOUR);
  });

  test("is never more than the admin gives: not by submit, edit or redo", async () => {
    const { job } = await submitJob(ctx, alice, submission({ timeout_ms: HOUR }));
    rules = { ...rules, maxTimeMs: HOUR / 2 };
    const refusals = [
      submitJob(ctx, alice, submission({ timeout_ms: HOUR })),
      editJob(ctx, alice, { job: "1", timeout_ms: HOUR }),
      redoJob(ctx, alice, { job: "1", timeout_ms: HOUR }),
    ];
    for (const refusal of refusals) {
      const error = await rejectionOf(refusal);
      expect(error).toMatchObject({ code: "impossible-request" });
      expect(String(error)).toContain(
        "to run for 1h, and no job of this box may for more than 30m",
      );
    }
    expect((await redoJob(ctx, alice, { job: `${job.id}` })).job.timeout_ms).toBe(HOUR / 2);
    expect((await editJob(ctx, alice, { job: "1", timeout_ms: null })).timeout_ms).toBe(HOUR / 2);
  });

  test("is cut when it starts, where the admin has tightened it meanwhile, and shown so", async () => {
    await timeOf(null);
    await timeOf(HOUR);
    rules = { ...rules, maxTimeMs: HOUR / 2 };
    const specs = await claimJobs(ctx);
    expect(specs.map(({ timeoutMs }) => timeoutMs)).toEqual([HOUR / 2, HOUR / 2]);
    expect([queue.job(1).timeout_ms, queue.job(2).timeout_ms]).toEqual([HOUR / 2, HOUR / 2]);
  });
});

describe("what an attempt is held to", () => {
  test("is what the admin says, and a shorter silence where the job asks for one", async () => {
    rules = {
      ...rules,
      noOutputMs: HOUR,
      maxLogBytes: 5,
      maxDiskBytes: 6,
      processes: 7,
    };
    await submitJob(ctx, alice, submission());
    await submitJob(ctx, alice, submission({ no_output_ms: HOUR / 2 }));
    const limits = { maxLogBytes: 5, maxDiskBytes: 6, processes: 7 };
    expect((await claimJobs(ctx)).map((spec) => spec.limits)).toEqual([
      { noOutputMs: HOUR, ...limits },
      { noOutputMs: HOUR / 2, ...limits },
    ]);
    expect(queue.job(2).no_output_ms).toBe(HOUR / 2);
  });

  test("is no silence longer than the admin's: refused when asked for, cut where it was asked for before", async () => {
    await submitJob(ctx, alice, submission({ no_output_ms: HOUR }));
    rules = { ...rules, noOutputMs: HOUR / 2 };
    const refused = submitJob(ctx, alice, submission({ no_output_ms: HOUR }));
    expect(String(await rejectionOf(refused))).toContain("to be silent for 1h");
    expect((await claimJobs(ctx))[0]?.limits.noOutputMs).toBe(HOUR / 2);
    expect((await redoJob(ctx, alice, { job: "1" })).job.no_output_ms).toBe(HOUR / 2);
  });
});
