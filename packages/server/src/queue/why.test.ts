// Tests of the sentences that tell what a job waits for, or how it ended.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AttemptEnd } from "../domain/attempt-end.ts";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { rejectionOf } from "../store/store.fixture.ts";
import { cancelJobs } from "./cancel.ts";
import { claimJobs } from "./claim.ts";
import { LOCAL_ADMIN, needs, openTestQueue, START, type TestQueue } from "./queue.fixture.ts";
import { explainJob } from "./why.ts";

const GIB = 2 ** 30;

let queue: TestQueue;
let alice: KeyHolder;
let bob: KeyHolder;

beforeEach(async () => {
  queue = openTestQueue();
  alice = await queue.addUser("alice");
  bob = await queue.addUser("bob");
});

afterEach(() => queue.close());

const why = async (id: number, who: Principal = alice) => {
  const { lines, behind } = await explainJob(queue, who, String(id));
  return { lines, behind };
};

describe("explainJob() of a job that waits says", () => {
  test("that it is about to start", async () => {
    await queue.submit(alice);
    expect(await why(1)).toEqual({
      lines: ["It is about to start.", "It is next in the queue."],
      behind: [],
    });
  });

  test("what it is short of, and who holds it", async () => {
    await queue.submit(alice, needs({ cpus: 2, gpus: 2, mem_bytes: GIB }));
    await queue.submit(bob, { ...needs({ gpus: 1 }), name: "tune" });
    await queue.submit(bob);
    await queue.startAll();
    await queue.submit(alice, needs({ gpus: 1 }));
    expect(await why(4)).toEqual({
      lines: [
        "It waits for 1 GPU: 0 of 3 free; the rest is held by 1 (train, alice), 2 (tune, bob).",
        "It is next in the queue.",
      ],
      behind: [1, 2],
    });
  });

  test("everything it is short of at once", async () => {
    await queue.submit(bob, needs({ cpus: 7, gpus: 3, mem_bytes: 60 * GIB }));
    await queue.startAll();
    await queue.submit(alice, needs({ cpus: 2, gpus: 2, mem_bytes: 5 * GIB }));
    expect(await why(2)).toEqual({
      lines: [
        "It waits for 2 CPUs: 1 of 8 free; the rest is held by 1 (train, bob).",
        "It waits for 5 GiB of memory: 4 GiB of 64 GiB free; the rest is held by 1 (train, bob).",
        "It waits for 2 GPUs: 0 of 3 free; the rest is held by 1 (train, bob).",
        "It is next in the queue.",
      ],
      behind: [1],
    });
  });

  test("only the holders of what it is short of", async () => {
    await queue.submit(alice, needs({ mem_bytes: 60 * GIB }));
    await queue.submit(alice);
    await queue.startAll();
    await queue.submit(bob, needs({ mem_bytes: 5 * GIB }));
    expect((await why(3)).behind).toEqual([1]);
  });

  test("no more than five holders by name", async () => {
    for (let more = 0; more < 5; more += 1) await queue.submit(alice);
    await queue.startAll();
    await queue.submit(bob, { ...needs({ cpus: 4 }), name: "probe" });
    expect((await why(6, bob)).lines[0]).toEndWith("4 (train, alice), 5 (train, alice).");
    await cancelJobs(queue, bob, { jobs: ["probe"], graceMs: 0 });
    for (let more = 0; more < 2; more += 1) await queue.submit(alice);
    await queue.startAll();
    await queue.submit(bob, needs({ cpus: 2 }));
    const { lines, behind } = await why(9, bob);
    expect(lines[0]).toEndWith("5 (train, alice) and others.");
    expect(behind).toEqual([1, 2, 3, 4, 5, 7, 8]);
  });

  test("behind whom it stands though what it needs is free", async () => {
    await queue.submit(alice, needs({ gpus: 2 }));
    await queue.startAll();
    await queue.submit(alice, needs({ gpus: 2 }));
    await queue.submit(bob, needs({ gpus: 1 }));
    expect(await why(3, bob)).toEqual({
      lines: [
        "What it needs is free, but job 2 came first and needs it.",
        "1 queued job stands before it.",
      ],
      behind: [2],
    });
  });

  test("behind whom it stands besides what it is short of", async () => {
    await queue.submit(alice, needs({ gpus: 3 }));
    await queue.startAll();
    await queue.submit(alice, needs({ gpus: 2 }));
    await queue.submit(bob, needs({ gpus: 1 }));
    const { lines, behind } = await why(3, bob);
    expect(lines).toEqual([
      "It waits for 1 GPU: 0 of 3 free; the rest is held by 1 (train, alice).",
      "Job 2 came first and waits for the same.",
      "1 queued job stands before it.",
    ]);
    expect(behind).toEqual([1, 2]);
  });

  test("how many stand before it", async () => {
    await queue.submit(alice, needs({ cpus: 8 }));
    await queue.startAll();
    for (let more = 0; more < 3; more += 1) await queue.submit(alice);
    expect(await why(4)).toEqual({
      lines: [
        "It waits for 1 CPU: 0 of 8 free; the rest is held by 1 (train, alice).",
        "Job 2 came first and waits for the same.",
        "2 queued jobs stand before it.",
      ],
      behind: [1, 2],
    });
  });

  test("that it is held, and how to let it go", async () => {
    await queue.submit(alice, { hold: true });
    expect(await why(1)).toEqual({ lines: ['It is held. "ml release 1" lets it go.'], behind: [] });
  });

  test("when it begins", async () => {
    await queue.submit(alice, { begin_at: START + 3_600_000 });
    expect((await why(1)).lines).toEqual([
      "It was asked to begin no earlier than 2026-01-01T01:00:00.000Z, in 1h.",
    ]);
  });

  test("when it is tried again, and how the last attempt ended", async () => {
    await queue.submit(alice, { retries: 1 });
    await queue.startAll();
    await queue.end(1, { kind: "exited", exit_code: 3 });
    expect((await why(1)).lines).toEqual([
      "Its next attempt begins no earlier than 2026-01-01T00:00:10.000Z, in 10s.",
      "Attempt 1 failed with exit code 3.",
    ]);
  });

  test("that the box no longer has what it asks for", async () => {
    await queue.submit(alice, needs({ gpus: 3 }));
    const shrunk = { ...queue, totals: { ...queue.totals, gpu_uuids: ["A"] } };
    expect((await explainJob(shrunk, alice, "1")).lines).toEqual([
      'It asks for 3 GPUs and the box has 1, so it cannot start. "ml edit 1" can ask for less.',
    ]);
  });
});

describe("explainJob() of a job that has started says", () => {
  test("how long ago, and which attempt it is", async () => {
    await queue.submit(alice, { retries: 1 });
    await claimJobs(queue);
    queue.clock.advance(90_000);
    expect((await why(1)).lines).toEqual(["It is starting, attempt 1, started 1m 30s ago."]);
    await queue.end(1, { kind: "exited", exit_code: 3 });
    queue.clock.advance(10_000);
    await queue.startAll();
    queue.clock.advance(5000);
    expect((await why(1)).lines).toEqual(["It is running, attempt 2, started 5s ago."]);
  });

  test("who asked for its end", async () => {
    await queue.submit(alice);
    await queue.startAll();
    queue.clock.advance(5000);
    await cancelJobs(queue, LOCAL_ADMIN, { jobs: ["1"], graceMs: 0 });
    expect((await why(1)).lines).toEqual([
      "It is being cancelled, asked for by root; it started 5s ago.",
    ]);
  });
});

describe("explainJob() of a job that has ended says", () => {
  const ends: readonly (readonly [AttemptEnd, ...string[]])[] = [
    [{ kind: "exited", exit_code: 0 }, "It ended well: exit code 0."],
    [{ kind: "exited", exit_code: 3 }, "It failed with exit code 3."],
    [{ kind: "exited", exit_code: 128 }, "It failed with exit code 128."],
    [
      { kind: "exited", exit_code: 137 },
      "It failed with exit code 137, which often means that SIGKILL ended it.",
    ],
    [{ kind: "signalled", signal: "SIGSEGV" }, "It was ended by SIGSEGV."],
    [
      { kind: "timed-out", timeout_ms: 60_000 },
      "It ran out of its time of 1m and was ended.",
      'Give it more with "ml redo 1 --timeout TIME", or let it save checkpoints and go on from them.',
    ],
    [
      { kind: "failed-to-start", message: "no shell." },
      "It could not be started: no shell.",
      'When that is mended, "ml redo 1" queues it again.',
    ],
    [
      { kind: "setup", exit_code: 2 },
      "It failed in its setup, which ended with exit code 2; its command did not run.",
      'Mend "setup" in ml.toml, then "ml redo 1 --fresh".',
    ],
    [
      { kind: "host-oom", limit_bytes: null, peak_bytes: GIB },
      "It was ended because the box ran out of memory while it used up to 1 GiB.",
      '"ml redo 1 --mem SIZE" asks for memory of its own, which others then do not get.',
    ],
    [
      { kind: "host-oom", limit_bytes: GIB },
      "It was ended because it went over its memory of 1 GiB.",
      'Ask for more with "ml redo 1 --mem SIZE", or make it use less.',
    ],
    [
      { kind: "disk-full", path: "box", exit_code: 1 },
      "It failed while the disk of the box was full.",
      'Ask the admin to make room ("fetchml gc"), then "ml redo 1".',
    ],
    [
      { kind: "disk-full", path: "outputs", used_bytes: 2 * GIB, limit_bytes: GIB, exit_code: 143 },
      "It was ended because its files took 2 GiB, most of it in outputs, and may take 1 GiB.",
      'Let it write less or remove what it no longer needs, or ask the admin for a larger max_disk; then "ml redo 1".',
    ],
    [
      { kind: "no-output", silent_ms: 60_000 },
      "It was ended because it wrote nothing for 1m.",
      'If it was at work, let it print now and then, or give it longer with "ml redo 1 --no-output TIME".',
    ],
    [
      { kind: "lost", message: "the box restarted." },
      "It was lost: the box restarted.",
      '"ml redo 1" queues it again; with "retries" in ml.toml that happens by itself.',
    ],
  ];
  for (const [end, ...lines] of ends) {
    test(`"${lines[0]}"`, async () => {
      await queue.submit(alice);
      await queue.startAll();
      await queue.end(1, end);
      expect(await why(1)).toEqual({ lines, behind: [] });
      const { lines: others } = await explainJob(queue, bob, "1");
      // No advice for whom it is not.
      expect(others).toEqual([expect.any(String), "It belongs to alice."]);
    });
  }

  test("who cancelled it", async () => {
    await queue.submit(alice);
    await cancelJobs(queue, alice, { jobs: ["1"], graceMs: 0 });
    expect((await why(1)).lines).toEqual([
      "It was cancelled by alice.",
      '"ml redo 1" queues it again.',
    ]);
  });
});

describe("explainJob()", () => {
  test("says whose job it is to everybody else, and tells the caller's handler the owner", async () => {
    await queue.submit(alice);
    for (const who of [bob, LOCAL_ADMIN]) {
      const answer = await explainJob(queue, who, "1");
      expect(answer.lines.at(-1)).toBe("It belongs to alice.");
      expect(answer.ownerId).toBe(alice.userId);
      expect(answer.job).toEqual(queue.job(1));
    }
  });

  test("agrees with what is claimed next: who is about to start is started", async () => {
    for (const gpus of [2, 2, 0, 1]) await queue.submit(alice, needs({ gpus }));
    const told = [];
    for (const id of [1, 2, 3, 4]) {
      if ((await why(id)).lines[0] === "It is about to start.") told.push(id);
    }
    expect(await queue.startAll()).toEqual(told);
    expect(told).toEqual([1, 3]);
  });

  test("refuses a job that does not exist", async () => {
    expect(await rejectionOf(explainJob(queue, alice, "9"))).toMatchObject({
      code: "job-not-found",
    });
  });
});
